#include "fednode/run.h"

#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <signal.h>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "federation/node.h"
#include "federation/shared_port.h"
#include "federation/sqlite_store.h"
#include "federation/v1/updates.federation.h"

#include "fednode/access_files.h"
#include "fednode/admin_server.h"
#include "fednode/conversation_history.h"
#include "fednode/conversations.h"
#include "fednode/domains.h"
#include "fednode/history.h"
#include "fednode/line_writer.h"
#include "fednode/metrics/collector.h"
#include "fednode/metrics/link_metrics.h"
#include "fednode/metrics/metrics_server.h"
#include "fednode/metrics/quarantine_metrics.h"
#include "fednode/metrics/refusal_metrics.h"
#include "fednode/metrics/traffic_metrics.h"
#include "fednode/printed_line.h"
#include "fednode/recorded_sending.h"
#include "fednode/tail_hub.h"
#include "fednode/users.h"

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

// SIGTERM, SIGINT and SIGHUP, taken by one thread when it asks for them. Threads that are started later
// inherit the mask.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGHUP);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }

  // Blocks until one arrives that ends the process; `hang_up` is called for each SIGHUP until then. After
  // that they have their usual effect again, but for SIGHUP, which has none.
  template <typename HangUp>
  int WaitForEnd(const HangUp& hang_up) {
    int signal = SIGHUP;
    while (signal == SIGHUP) {
      sigwait(&set_, &signal);
      if (signal == SIGHUP) hang_up();
    }
    sigdelset(&set_, SIGHUP);
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

// The node of one domain with what belongs to it, in the order in which the parts need each other: they end
// in the opposite order.
class FedNode {
 public:
  // Borrows `lines`, to which it prints. `is_one_of_several`: whether others print there, too.
  FedNode(Options options, bool is_one_of_several, LineWriter& lines)
      : options_(std::move(options)), is_one_of_several_(is_one_of_several), lines_(lines) {}

  absl::Status Start() {
    absl::StatusOr<std::unique_ptr<Store>> store = OpenSqliteStore(options_.store_path);
    if (!store.ok()) return store.status();
    store_ = *std::move(store);
    absl::StatusOr<std::unique_ptr<Node>> node = Node::Create(options_.node, *store_);
    if (!node.ok()) return node.status();
    node_ = *std::move(node);
    absl::Status status = ReadFiles();
    if (status.ok()) status = SetUpReceiver();
    if (status.ok()) status = SetUpServices();
    if (status.ok()) status = node_->Start();
    if (status.ok() && !options_.admin_socket_path.empty()) status = StartAdmin();
    if (status.ok() && options_.metrics_listen) status = StartMetrics();
    return status;
  }
  void SayReady() const { PrintReady(*node_, metrics_.get(), options_); }

  // Reads again what the operator may have changed. What cannot be taken stays as it was.
  void Reload() {
    Say("the TLS files", node_->ReloadTls());
    Say("the lists", ReadFiles());
  }

  static void Say(std::string_view what, const absl::Status& status) {
    if (status.ok()) return spdlog::info("SIGHUP: {} were read again", what);
    spdlog::error("SIGHUP: {} stay as they were: {}", what, std::string(status.message()));
  }

  void Stop() {
    metrics_.reset();
    admin_.reset();
    if (node_ != nullptr) node_->Stop();
  }

 private:
  absl::Status SetUpReceiver() {
    absl::StatusOr<std::unique_ptr<History>> history = History::Open(*store_, options_.history_rows_max);
    if (!history.ok()) return history.status();
    history_ = *std::move(history);
    recording_ = std::make_unique<RecordingReceiver>(standard_, *history_);
    node_->Receive(*recording_);
    node_->OnApplied([this](const Applied& applied) {
      lines_.Write(PrintedLine(applied, is_one_of_several_ ? options_.node.domain : ""));
      tail_.Publish(admin::v1::TailEvent::DIRECTION_IN, applied.origin, applied.seq, applied.json);
    });
    if (options_.metrics_listen) {
      node_->OnPushed([this](const Pushed& pushed) { traffic_->Note(pushed); });
      node_->OnReceived([this](const Received& received) { traffic_->Note(received); });
    }
    return absl::OkStatus();
  }

  // The files that are read again on SIGHUP. Says which one could not be taken; the others are.
  absl::Status ReadFiles() {
    absl::Status failed;
    const absl::StatusOr<AccessLists> access = ReadAccessFiles(options_.allow_path, options_.deny_path);
    failed.Update(access.ok() ? node_->SetAccess(*access) : access.status());
    if (options_.users_path.empty()) return failed;
    absl::StatusOr<v1::SearchUsersResponse> users = ReadUsers(options_.users_path);
    failed.Update(users.status());
    if (users.ok()) users_.Set(*std::move(users));
    return failed;
  }

  absl::Status SetUpServices() {
    absl::StatusOr<std::unique_ptr<ConversationHistory>> rows =
        ConversationHistory::Open(options_.store_path);
    if (!rows.ok()) return rows.status();
    conversation_rows_ = *std::move(rows);
    conversations_ = std::make_unique<RecordedConversations>(*conversation_rows_);
    conversations_dispatcher_ = std::make_unique<v1::ConversationsDispatcher>(*conversations_);
    absl::Status status = node_->Serve(*conversations_dispatcher_);
    if (status.ok()) status = node_->Serve(users_dispatcher_);
    return status;
  }

  absl::Status StartAdmin() {
    absl::StatusOr<std::unique_ptr<AdminServer>> admin =
        AdminServer::Start(options_.admin_socket_path, *node_, *store_, tail_, options_.node.limits.outbox,
                           [this](const std::string& destination, const std::vector<std::string>& json) {
                             return SendRecorded(*node_, *store_, *history_, destination, json);
                           });
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
         std::make_shared<Collector>([quarantine](const Moment& now) { return quarantine->Look(now); }),
         std::make_shared<Collector>(
             [this](const Moment&) { return RefusalMetrics(node_->CountRefusals()); })});
    if (!metrics.ok()) return metrics.status();
    metrics_ = *std::move(metrics);
    return absl::OkStatus();
  }

  const Options options_;
  const bool is_one_of_several_;
  LineWriter& lines_;
  TailHub tail_;
  std::shared_ptr<TrafficMetrics> traffic_ = std::make_shared<TrafficMetrics>();
  std::unique_ptr<Store> store_;
  // What the standard updates mean is up to the reader of the table and of stdout: there is nothing else to
  // do for them.
  v1::DefaultUpdateHandler handler_;
  v1::UpdateReceiver standard_{handler_};
  std::unique_ptr<History> history_;
  std::unique_ptr<RecordingReceiver> recording_;
  std::unique_ptr<ConversationHistory> conversation_rows_;
  std::unique_ptr<RecordedConversations> conversations_;
  std::unique_ptr<v1::ConversationsDispatcher> conversations_dispatcher_;
  ListedUsers users_;
  v1::UsersDispatcher users_dispatcher_{users_};
  std::unique_ptr<Node> node_;
  std::unique_ptr<AdminServer> admin_;
  std::unique_ptr<MetricsServer> metrics_;
};

// Those of all domains.
class FedNodes {
 public:
  absl::Status Start(const Options& options) {
    std::vector<Options> each = OptionsOfEach(options);
    const bool several = each.size() > 1;
    if (several) {
      absl::StatusOr<std::shared_ptr<SharedPort>> port =
          SharedPort::Listen(options.node.listen, options.node.limits.http);
      if (!port.ok()) return port.status();
      for (Options& one : each) one.node.shared_port = *port;
    }
    for (Options& one : each) {
      const std::string domain = one.node.domain;
      nodes_.push_back(std::make_unique<FedNode>(std::move(one), several, lines_));
      absl::Status status = nodes_.back()->Start();
      if (!status.ok() && several) {
        return absl::Status(status.code(), fmt::format("{}: {}", domain, std::string(status.message())));
      }
      if (!status.ok()) return status;
    }
    for (const auto& node : nodes_) node->SayReady();
    return absl::OkStatus();
  }
  void Reload() {
    for (const auto& node : nodes_) node->Reload();
  }
  void Stop() {
    for (const auto& node : nodes_) node->Stop();
    lines_.Close(kPrintGrace);
    if (lines_.dropped_lines() > 0) spdlog::warn("{} updates were not printed", lines_.dropped_lines());
  }

 private:
  LineWriter lines_{STDOUT_FILENO, kPrintQueueBytesMax};
  std::vector<std::unique_ptr<FedNode>> nodes_;
};

}  // namespace

absl::Status Run(const Options& options) {
  OpenStandardDescriptors();
  ::umask(S_IRWXG | S_IRWXO);
  ::signal(SIGPIPE, SIG_IGN);
  RaiseFileLimit();
  Signals signals;
  SetUpLog(options.log_level);

  FedNodes nodes;
  absl::Status status = nodes.Start(options);
  if (status.ok()) {
    int signal = signals.WaitForEnd([&nodes] { nodes.Reload(); });
    spdlog::info("{}: stops", signal == SIGTERM ? "SIGTERM" : "SIGINT");
  }
  nodes.Stop();
  return status;
}

}  // namespace federation::fednode
