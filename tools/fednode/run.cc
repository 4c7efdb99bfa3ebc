#include "fednode/run.h"

#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <signal.h>
#include <string>
#include <unistd.h>

#include <fmt/format.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "federation/node.h"
#include "federation/sqlite_store.h"
#include "federation/v1/updates.federation.h"

#include "fednode/admin_server.h"
#include "fednode/history.h"
#include "fednode/line_writer.h"
#include "fednode/metrics/collector.h"
#include "fednode/metrics/link_metrics.h"
#include "fednode/metrics/metrics_server.h"
#include "fednode/metrics/quarantine_metrics.h"
#include "fednode/metrics/traffic_metrics.h"
#include "fednode/printed_line.h"
#include "fednode/tail_hub.h"

namespace federation::fednode {
namespace {

constexpr std::size_t kPrintQueueBytesMax = std::size_t{64} * 1024 * 1024;
constexpr std::chrono::milliseconds kPrintGrace{2000};

// Descriptors 0 to 2 that the parent closed would be given to sockets and to the database, which would then
// receive what is printed.
void OpenStandardDescriptors() {
  while (true) {
    int fd = ::open("/dev/null", O_RDWR);
    if (fd < 0) return;
    if (fd > STDERR_FILENO) {
      ::close(fd);
      return;
    }
  }
}

// SIGTERM and SIGINT, taken by one thread when it asks for them. Threads that are started later inherit the
// mask.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }

  // Blocks until one arrives. From then on they have their usual effect again.
  int Wait() {
    int signal = 0;
    sigwait(&set_, &signal);
    pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
    return signal;
  }

 private:
  sigset_t set_;
};

// Each destination takes a connection: as many as the system allows.
void RaiseFileLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void SetUpLog(spdlog::level::level_enum level) {
  auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>();
  auto log = std::make_shared<spdlog::logger>("fednode", std::move(sink));
  log->set_level(level);
  log->flush_on(spdlog::level::trace);
  spdlog::register_logger(log->clone("federation"));  // the runtime's
  spdlog::set_default_logger(std::move(log));
}

// For people and for scripts that wait for it, whatever the level of the log.
void PrintReady(const Node& node, const MetricsServer* metrics, const Options& options) {
  HostPort listen{options.node.listen.host, node.port()};
  std::string line = fmt::format("fednode: ready: {} listens on {}", node.domain(), listen.ToString());
  if (!options.admin_socket_path.empty())
    line += fmt::format(", admin on unix:{}", options.admin_socket_path);
  if (metrics != nullptr) {
    HostPort address{options.metrics_listen->host, metrics->port()};
    line += fmt::format(", metrics on http://{}/metrics", address.ToString());
  }
  line += "\n";
  std::fputs(line.c_str(), stderr);
}

// A node with what belongs to it, in the order in which the parts need each other: they end in the opposite
// order.
class FedNode {
 public:
  explicit FedNode(const Options& options) : options_(options) {}

  absl::Status Start() {
    absl::StatusOr<std::unique_ptr<Store>> store = OpenSqliteStore(options_.store_path);
    if (!store.ok()) return store.status();
    store_ = *std::move(store);
    absl::StatusOr<std::unique_ptr<Node>> node = Node::Create(options_.node, *store_);
    if (!node.ok()) return node.status();
    node_ = *std::move(node);
    absl::Status status = SetUpReceiver();
    if (status.ok()) status = node_->Start();
    if (status.ok() && !options_.admin_socket_path.empty()) status = StartAdmin();
    if (status.ok() && options_.metrics_listen) status = StartMetrics();
    if (status.ok()) PrintReady(*node_, metrics_.get(), options_);
    return status;
  }

  void Stop() {
    metrics_.reset();
    admin_.reset();
    if (node_ != nullptr) node_->Stop();
    lines_.Close(kPrintGrace);
    if (lines_.dropped_lines() > 0) spdlog::warn("{} updates were not printed", lines_.dropped_lines());
  }

 private:
  absl::Status SetUpReceiver() {
    absl::StatusOr<std::unique_ptr<History>> history = History::Open(*store_, options_.history_rows_max);
    if (!history.ok()) return history.status();
    history_ = *std::move(history);
    recording_ = std::make_unique<RecordingReceiver>(standard_, *history_);
    node_->Receive(*recording_);
    node_->OnApplied([this](const Applied& applied) {
      lines_.Write(PrintedLine(applied));
      tail_.Publish(admin::v1::TailEvent::DIRECTION_IN, applied.origin, applied.seq, applied.json);
    });
    if (options_.metrics_listen) {
      node_->OnPushed([this](const Pushed& pushed) { traffic_->Note(pushed); });
      node_->OnReceived([this](const Received& received) { traffic_->Note(received); });
    }
    return absl::OkStatus();
  }

  absl::Status StartAdmin() {
    absl::StatusOr<std::unique_ptr<AdminServer>> admin =
        AdminServer::Start(options_.admin_socket_path, *node_, *store_, tail_, options_.node.limits.outbox);
    if (!admin.ok()) return admin.status();
    admin_ = *std::move(admin);
    return absl::OkStatus();
  }

  absl::Status StartMetrics() {
    const std::size_t labels_max = options_.metrics_labels_max;
    auto links = std::make_shared<LinkMetrics>([this] { return node_->Links(); }, labels_max);
    auto quarantine =
        std::make_shared<QuarantineMetrics>([this] { return store_->Quarantines(); }, labels_max);
    absl::StatusOr<std::unique_ptr<MetricsServer>> metrics = MetricsServer::Start(
        *options_.metrics_listen,
        {traffic_, std::make_shared<Collector>([links](const Moment& now) { return links->Look(now); }),
         std::make_shared<Collector>([quarantine](const Moment& now) { return quarantine->Look(now); })});
    if (!metrics.ok()) return metrics.status();
    metrics_ = *std::move(metrics);
    return absl::OkStatus();
  }

  const Options& options_;
  LineWriter lines_{STDOUT_FILENO, kPrintQueueBytesMax};
  TailHub tail_;
  std::shared_ptr<TrafficMetrics> traffic_ = std::make_shared<TrafficMetrics>();
  std::unique_ptr<Store> store_;
  // What the standard updates mean is up to the reader of the table and of stdout: there is nothing else to
  // do for them.
  v1::DefaultUpdateHandler handler_;
  v1::UpdateReceiver standard_{handler_};
  std::unique_ptr<History> history_;
  std::unique_ptr<RecordingReceiver> recording_;
  std::unique_ptr<Node> node_;
  std::unique_ptr<AdminServer> admin_;
  std::unique_ptr<MetricsServer> metrics_;
};

}  // namespace

absl::Status Run(const Options& options) {
  OpenStandardDescriptors();
  ::umask(S_IRWXG | S_IRWXO);
  ::signal(SIGPIPE, SIG_IGN);
  RaiseFileLimit();
  StopSignals signals;
  SetUpLog(options.log_level);

  FedNode node(options);
  absl::Status status = node.Start();
  if (status.ok()) {
    int signal = signals.Wait();
    spdlog::info("{}: stops", signal == SIGTERM ? "SIGTERM" : "SIGINT");
  }
  node.Stop();
  return status;
}

}  // namespace federation::fednode
