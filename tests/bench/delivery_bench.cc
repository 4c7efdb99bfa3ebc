// Strong updates from one process to another: over TLS, durable on both sides (SQLite, synchronous=FULL),
// from Send to the ack. Beside it the limit of the disk: the same rows appended to SQLite alone.
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "federation/json/codec.h"
#include "federation/node.h"
#include "federation/sqlite_store.h"
#include "federation/v1/updates.federation.h"

#include "bench/ratio_reporter.h"
#include "bench/receiver_process.h"
#include "support/temporary_folder.h"
#include "support/test_ca.h"

#include <sqlite3.h>

namespace federation::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kOrigin = "alpha.test";
constexpr const char* kDestination = "bravo.test";

// About 250 bytes of JSON.
v1::Message MessageOfNow() {
  v1::Message message;
  message.mutable_peer()->set_type(v1::PEER_TYPE_GROUP);
  message.mutable_peer()->set_id(11223344);
  message.mutable_content()->mutable_text()->set_text(std::string(100, 'x'));
  message.set_sender_id("user-17");
  message.set_message_id(std::to_string(Clock::now().time_since_epoch().count()));
  message.set_date_ms(1'600'000'000'000);
  return message;
}

void Require(const absl::Status& status) {
  if (status.ok()) return;
  fmt::print(stderr, "{}\n", status.ToString());
  std::abort();
}

// A sending node in this process, a receiving one in another.
class Pair {
 public:
  Pair() : receiver_(kDestination, ca_.Issue(kDestination), folder_.File("bravo.db")) {
    auto store = OpenSqliteStore(folder_.File("alpha.db"));
    Require(store.status());
    store_ = *std::move(store);
    NodeOptions options;
    options.domain = kOrigin;
    options.listen = {"127.0.0.1", 0};
    options.tls = ca_.Issue(kOrigin);
    options.peers[kDestination] = {"127.0.0.1", receiver_.port()};
    auto node = Node::Create(options, *store_);
    Require(node.status());
    node_ = *std::move(node);
    Require(node_->Start());
  }

  Node& node() { return *node_; }
  ReceiverProcess& receiver() { return receiver_; }
  std::string File(const std::string& name) const { return folder_.File(name); }

  void WaitUntilDelivered() {
    while (true) {
      const auto links = node_->Links();
      Require(links.status());
      if (links->front().pending() == 0) return;
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  }

 private:
  TemporaryFolder folder_;
  support::TestCa ca_;
  ReceiverProcess receiver_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Node> node_;
};

void ReportLatency(benchmark::State& state, const std::vector<std::int64_t>& sorted_ns) {
  if (sorted_ns.empty()) return state.SkipWithError("nothing has arrived");
  state.counters["p50_us"] = static_cast<double>(sorted_ns[sorted_ns.size() / 2]) / 1e3;
  state.counters["p99_us"] = static_cast<double>(sorted_ns[sorted_ns.size() * 99 / 100]) / 1e3;
}

// `threads` callers send one update after the other, each waiting until its own is durable.
void SendFromThreads(benchmark::State& state, Pair& pair, int threads, int updates) {
  v1::UpdateSender sender(pair.node());
  for (auto _ : state) {
    pair.receiver().TakeLatencies_ns();
    const Clock::time_point start = Clock::now();
    std::atomic<int> left{updates};
    std::vector<std::thread> senders;
    for (int i = 0; i < threads; ++i) {
      senders.emplace_back([&] {
        while (left.fetch_sub(1) > 0) Require(sender.SendMessage(kDestination, MessageOfNow()).status());
      });
    }
    for (std::thread& thread : senders) thread.join();
    pair.WaitUntilDelivered();
    state.SetIterationTime(std::chrono::duration<double>(Clock::now() - start).count() / updates);
  }
  state.counters["updates/s"] = benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate);
  ReportLatency(state, pair.receiver().TakeLatencies_ns());
}

// One caller stores a thousand updates in each commit.
void SendBatches(benchmark::State& state, Pair& pair, int updates) {
  constexpr int kBatch = 1000;
  for (auto _ : state) {
    pair.receiver().TakeLatencies_ns();
    const Clock::time_point start = Clock::now();
    for (int sent = 0; sent < updates; sent += kBatch) {
      std::vector<std::string> batch;
      for (int i = 0; i < kBatch; ++i) {
        v1::Update update;
        *update.mutable_message() = MessageOfNow();
        batch.push_back(*json::Encode(update));
      }
      Require(pair.node().SendStrongBatch(kDestination, batch).status());
    }
    pair.WaitUntilDelivered();
    state.SetIterationTime(std::chrono::duration<double>(Clock::now() - start).count() / updates);
  }
  state.counters["updates/s"] = benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate);
  ReportLatency(state, pair.receiver().TakeLatencies_ns());
}

// One update at a time: the next one is sent when the last one is acknowledged.
void SendOneByOne(benchmark::State& state, Pair& pair, int updates) {
  v1::UpdateSender sender(pair.node());
  for (auto _ : state) {
    pair.receiver().TakeLatencies_ns();
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < updates; ++i) {
      Require(sender.SendMessage(kDestination, MessageOfNow()).status());
      pair.WaitUntilDelivered();
    }
    state.SetIterationTime(std::chrono::duration<double>(Clock::now() - start).count() / updates);
  }
  ReportLatency(state, pair.receiver().TakeLatencies_ns());
}

void SqliteAppends(benchmark::State& state, const std::string& path, int updates, int per_commit) {
  sqlite3* connection = nullptr;
  sqlite3_open(path.c_str(), &connection);
  sqlite3_exec(connection,
               "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
               "CREATE TABLE IF NOT EXISTS appended (seq INTEGER PRIMARY KEY, json TEXT NOT NULL)",
               nullptr, nullptr, nullptr);
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(connection, "INSERT INTO appended (json) VALUES (?1)", -1, &insert, nullptr);
  v1::Update update;
  *update.mutable_message() = MessageOfNow();
  const std::string json = *json::Encode(update);
  for (auto _ : state) {
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < updates; ++i) {
      if (i % per_commit == 0) sqlite3_exec(connection, "BEGIN", nullptr, nullptr, nullptr);
      sqlite3_bind_text(insert, 1, json.data(), static_cast<int>(json.size()), SQLITE_STATIC);
      if (sqlite3_step(insert) != SQLITE_DONE) state.SkipWithError(sqlite3_errmsg(connection));
      sqlite3_reset(insert);
      if (i % per_commit == per_commit - 1) sqlite3_exec(connection, "COMMIT", nullptr, nullptr, nullptr);
    }
    state.SetIterationTime(std::chrono::duration<double>(Clock::now() - start).count() / updates);
  }
  state.counters["updates/s"] = benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate);
  sqlite3_finalize(insert);
  sqlite3_close(connection);
}

// One iteration is a whole run of many updates; its time is given for one update.
template <typename Function, typename... Arguments>
void Register(const char* name, Function function, Arguments&&... arguments) {
  benchmark::RegisterBenchmark(name, function, std::forward<Arguments>(arguments)...)
      ->UseManualTime()
      ->Iterations(1)
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace
}  // namespace federation::bench

int main(int argc, char** argv) {
  using namespace federation::bench;
  if (IsReceiver(argc, argv)) return ReceiverMain(argv);
  benchmark::Initialize(&argc, argv);
  Pair pair;
  Register("one_by_one", SendOneByOne, std::ref(pair), 500);
  Register("threads_16", SendFromThreads, std::ref(pair), 16, 10'000);
  Register("threads_64", SendFromThreads, std::ref(pair), 64, 20'000);
  Register("batches_1000", SendBatches, std::ref(pair), 50'000);
  Register("sqlite_1", SqliteAppends, pair.File("raw.db"), 500, 1);
  Register("sqlite_1000", SqliteAppends, pair.File("raw.db"), 50'000, 1000);
  RatioReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  fmt::print("\nmedians of the time for one update, in the same run\n");
  reporter.PrintRatio("one by one, acknowledged, against one SQLite commit", "one_by_one", "sqlite_1");
  reporter.PrintRatio("64 threads, against SQLite at 1000 rows a commit", "threads_64", "sqlite_1000");
  reporter.PrintRatio("batches of 1000, against SQLite at 1000 rows a commit", "batches_1000", "sqlite_1000");
  return 0;
}
