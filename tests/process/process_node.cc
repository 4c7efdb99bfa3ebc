// A small application of the federation that sends and receives at full speed, to be killed at any moment.
//
//   process_node DOMAIN PORT PEER PEER_PORT FOLDER CERTIFICATE KEY AUTHORITIES LIFE SEED PAUSE_US STORE
//
// Keeps the log of what it was told in FOLDER/log, and says there that it runs. SIGUSR1: sends nothing of its
// own any more. SIGTERM: ends in order.
#include <chrono>
#include <iostream>
#include <memory>
#include <signal.h>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "federation/node.h"
#include "federation/sqlite_store.h"

#include "process/database.h"
#include "process/event_log.h"
#include "process/note_receiver.h"
#include "process/note_senders.h"

namespace federation::process {
namespace {

using namespace std::chrono_literals;

// So much may wait for the peer; to drain it at the end must not take long.
constexpr std::uint64_t kPendingMax = 2000;
constexpr auto kLookEvery = 20ms;
// Nobody takes anything out of it.
constexpr std::size_t kQuarantineMax = 10'000'000;

struct Arguments {
  std::string folder;
  NodeOptions node;
  SendersOptions senders;
};

Arguments Parse(const std::vector<std::string>& words) {
  Arguments arguments;
  NodeOptions& node = arguments.node;
  node.domain = words.at(0);
  node.listen = {"127.0.0.1", static_cast<std::uint16_t>(std::stoi(words.at(1)))};
  node.peers[words.at(2)] = {"127.0.0.1", static_cast<std::uint16_t>(std::stoi(words.at(3)))};
  arguments.folder = words.at(4);
  node.tls = {words.at(5), words.at(6), words.at(7)};
  node.handler_threads = 2;
  node.limits.outbox.backoff_min = 5ms;
  node.limits.outbox.backoff_max = 40ms;
  node.limits.outbox.push_updates_max = 100;
  // An exception costs no time.
  node.limits.inbox.handler_tries_max = 1;
  arguments.senders.peer = words.at(2);
  arguments.senders.life = std::stoull(words.at(8));
  arguments.senders.seed = std::stoull(words.at(9));
  arguments.senders.pause = std::chrono::microseconds(std::stoll(words.at(10)));
  arguments.senders.store_path = words.at(11);
  return arguments;
}

void Observe(Node& node, EventLog& log) {
  node.OnApplied([&log](const Applied& applied) {
    if (applied.seq.has_value()) log.Write(fmt::format("applied {} {}", applied.origin, Value(*applied.seq)));
  });
  node.OnDelivered([&log](const Delivered& delivered) {
    log.Write(fmt::format("delivered {} {}", delivered.destination, Value(delivered.up_to)));
  });
  node.OnPushed([&log](const Pushed& pushed) {
    if (pushed.result == Pushed::Result::kWait) log.Write(fmt::format("waits {}", pushed.destination));
  });
  node.OnGivenUp([&log](const GivenUp& given_up, Transaction&) {
    log.Write(fmt::format("error given up for {}: {}", given_up.destination, given_up.reason));
    return absl::OkStatus();
  });
}

// What waits for the peer.
std::uint64_t Pending(Node& node, const std::string& peer) {
  const absl::StatusOr<std::vector<LinkStatus>> links = node.Links();
  if (!links.ok()) return 0;
  for (const LinkStatus& link : *links) {
    if (link.destination == peer) return link.pending();
  }
  return 0;
}

// Until it is told to end.
void Run(Node& node, NoteSenders& senders, EventLog& log, const std::string& peer, const sigset_t& signals) {
  const timespec look_every{0, std::chrono::nanoseconds(kLookEvery).count()};
  while (true) {
    const int signal = ::sigtimedwait(&signals, nullptr, &look_every);
    if (signal == SIGTERM) return;
    if (signal == SIGUSR1) {
      senders.Stop();
      log.Write("stopped");
    }
    senders.Hold(Pending(node, peer) > kPendingMax);
  }
}

int Fail(const absl::Status& status) {
  std::cerr << status.ToString() << std::endl;
  return 1;
}

int Main(const std::vector<std::string>& words) {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGUSR1);
  // Before any thread: they inherit it.
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  const Arguments arguments = Parse(words);
  EventLog log(arguments.folder + "/log");
  StoreLimits limits;
  limits.quarantine_updates_max = kQuarantineMax;
  auto store = OpenSqliteStore(arguments.senders.store_path, limits);
  if (!store.ok()) return Fail(store.status());
  const absl::Status created = (*store)->Transact([](Transaction& transaction) -> absl::Status {
    const absl::StatusOr<sqlite3*> connection = SqliteConnection(transaction);
    return connection.ok() ? CreateTables(*connection) : connection.status();
  });
  if (!created.ok()) return Fail(created);
  NoteReceiver receiver(log, arguments.folder);
  auto node = Node::Create(arguments.node, **store);
  if (!node.ok()) return Fail(node.status());
  receiver.AnswerThrough(**node);
  (*node)->Receive(receiver);
  Observe(**node, log);
  if (const absl::Status started = (*node)->Start(); !started.ok()) return Fail(started);
  NoteSenders senders(**node, **store, log, arguments.senders);
  // Before anything is sent: what a sender logs belongs to the life that the log is in.
  log.Write(fmt::format("life {}", arguments.senders.life));
  senders.Start();
  Run(**node, senders, log, arguments.senders.peer, signals);
  senders.Stop();
  (*node)->Stop();
  return 0;
}

}  // namespace
}  // namespace federation::process

int main(int argc, char** argv) {
  if (argc != 13) {
    std::cerr << "process_node: see its head comment for its arguments\n";
    return 2;
  }
  return federation::process::Main({argv + 1, argv + argc});
}
