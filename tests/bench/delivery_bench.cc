// Strong updates from one process to another: over TLS, durable on both sides (SQLite, synchronous=FULL),
// from Send to the ack. Each benchmark measures the limits that it is held against in the same run. The exit
// code is 1 if a goal is missed.
#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "federation/v1/updates.federation.h"

#include "bench/goal_table.h"
#include "bench/node_pair.h"
#include "bench/raw_limits.h"
#include "bench/require.h"
#include "bench/sample_update.h"
#include "bench/senders.h"
#include "bench/sqlite_file.h"
#include "log/log.h"

namespace federation::bench {
namespace {

using Clock = std::chrono::steady_clock;

double Seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

double Median_us(std::vector<std::chrono::nanoseconds> times) {
  std::sort(times.begin(), times.end());
  return static_cast<double>(times[times.size() / 2].count()) / 1e3;
}

// What one update goes through first is not measured: the probe, the handshake, the first pages.
void WarmUp(NodePair& pair, std::uint64_t updates) {
  SendAsync(pair, 1, updates);
  pair.AwaitDelivered(Seq{updates});
}

constexpr std::uint64_t kWarmUp = 2000;

// Sends from threads, and says how many updates are acknowledged in a second.
using Sender = void (*)(NodePair& pair, int threads, std::uint64_t updates);
double Throughput_per_s(NodePair& pair, Sender send, int threads, std::uint64_t updates) {
  WarmUp(pair, kWarmUp);
  const Clock::time_point start = Clock::now();
  send(pair, threads, updates);
  return static_cast<double>(updates) / Seconds(pair.AwaitDelivered(Seq{kWarmUp + updates}) - start);
}

void Throughput(benchmark::State& state, Sender send, int threads, std::uint64_t updates) {
  for (auto _ : state) {
    NodePair pair;
    const double raw = SqliteAppends_per_s(pair.File("raw.db"), updates, 1000);
    const double own_us = NodePair::OwnTime_us();
    const double receiver_us = pair.ReceiverTime_us();
    const double rate = Throughput_per_s(pair, send, threads, updates);
    const auto count = static_cast<double>(updates);
    state.counters["per_s"] = rate;
    state.counters["sqlite_per_s"] = raw;
    state.counters["of_sqlite"] = rate / raw;
    state.counters["sender_us"] = (NodePair::OwnTime_us() - own_us) / count;
    state.counters["receiver_us"] = (pair.ReceiverTime_us() - receiver_us) / count;
    state.SetIterationTime(1 / rate);
  }
}

// One update at a time: the next one is sent when the last one is acknowledged. The limits come in turn with
// them, some at a time, so that all see the same machine.
void OneByOne(benchmark::State& state) {
  constexpr int kRounds = 10;
  constexpr int kInRound = 100;
  for (auto _ : state) {
    NodePair pair;
    const SyncedFile file(pair.File("synced"));
    EchoConnection echo(pair.receiver().echo_port(), pair.ca().Issue(kOrigin), kDestination);
    v1::UpdateSender sender(pair.node());
    WarmUp(pair, kWarmUp);
    const std::string json = SampleJson(1);
    std::vector<std::chrono::nanoseconds> updates;
    std::vector<std::chrono::nanoseconds> syncs;
    std::vector<std::chrono::nanoseconds> trips;
    for (int round = 0; round < kRounds; ++round) {
      for (int i = 0; i < kInRound; ++i) {
        const v1::Message message = SampleMessage(static_cast<std::uint64_t>(i));
        const Clock::time_point start = Clock::now();
        const Seq seq = Require(sender.SendMessage(kDestination, message));
        updates.push_back(pair.AwaitDelivered(seq) - start);
      }
      for (int i = 0; i < kInRound; ++i) syncs.push_back(file.Append(json));
      for (int i = 0; i < kInRound; ++i) trips.push_back(echo.RoundTrip(json));
    }
    const double limit = 2 * Median_us(syncs) + Median_us(trips);
    state.counters["p50_us"] = Median_us(updates);
    state.counters["sync_us"] = Median_us(syncs);
    state.counters["trip_us"] = Median_us(trips);
    state.counters["of_limit"] = Median_us(updates) / limit;
    state.SetIterationTime(Median_us(updates) / 1e6);
  }
}

// One update for many destinations that are not there: what it costs to take it.
void FanOut(benchmark::State& state) {
  constexpr int kDestinations = 1000;
  constexpr int kUpdates = 100;
  std::vector<std::string> destinations;
  for (int i = 0; i < kDestinations; ++i) destinations.push_back(fmt::format("server-{}.test", i));
  for (auto _ : state) {
    NodePair pair;
    const SqliteFile file(pair.store_path());
    // The links come to be, and find out that nobody is there.
    for (int i = 0; i < 10; ++i) Require(pair.node().SendStrongToAll(destinations, SampleJson(0)).status());
    std::this_thread::sleep_for(std::chrono::seconds{1});
    const double bytes_before = file.BytesAfterCheckpoint();
    const double own_us = NodePair::OwnTime_us();
    for (int i = 0; i < kUpdates; ++i) {
      Require(pair.node().SendStrongToAll(destinations, SampleJson(static_cast<std::uint64_t>(i))).status());
    }
    // What is still to be done of it belongs to it.
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    const double each_us = (NodePair::OwnTime_us() - own_us) / (kUpdates * kDestinations);
    state.counters["cpu_us"] = each_us;
    state.counters["bytes"] = (file.BytesAfterCheckpoint() - bytes_before) / (kUpdates * kDestinations);
    state.SetIterationTime(each_us / 1e6);
  }
}

// The same throughput over a long way and over a short one; both go through the proxy, whose work both share
// the machine with.
void LongWay(benchmark::State& state, std::uint64_t updates) {
  for (auto _ : state) {
    const auto measure = [updates](std::chrono::milliseconds each_way) {
      NodePair pair({.delay = each_way});
      return Throughput_per_s(pair, SendAsync, 4, updates);
    };
    const double near = measure(std::chrono::milliseconds{0});
    const double far = measure(std::chrono::milliseconds{50});
    state.counters["near_per_s"] = near;
    state.counters["far_per_s"] = far;
    state.counters["of_near"] = far / near;
    state.SetIterationTime(1 / far);
  }
}

// One iteration is a whole run of many updates; its time is given for one update.
template <typename Function, typename... Arguments>
void Register(const char* name, Function function, Arguments... arguments) {
  benchmark::RegisterBenchmark(name, function, arguments...)->UseManualTime()->Iterations(1);
}

std::vector<GoalRow> Rows() {
  using Goal = GoalRow::Goal;
  return {
      {"4 threads, asynchronous: acknowledged", "async", "per_s", 0, "updates/s", Goal::kAtLeast, 150'000},
      {"  raw SQLite, the same rows, 1,000 a commit", "async", "sqlite_per_s", 0, "rows/s"},
      {"  of that", "async", "of_sqlite", 2, "", Goal::kAtLeast, 0.5},
      {"  processor time of the sender for an update", "async", "sender_us", 2, "us"},
      {"  processor time of the receiver for an update", "async", "receiver_us", 2, "us"},
      {"64 threads that block: acknowledged", "blocking", "per_s", 0, "updates/s"},
      {"  processor time of the sender for an update", "blocking", "sender_us", 2, "us"},
      {"one at a time: from Send to the ack, p50", "one_by_one", "p50_us", 0, "us"},
      {"  fdatasync of an append, p50", "one_by_one", "sync_us", 0, "us"},
      {"  TLS round trip, p50", "one_by_one", "trip_us", 0, "us"},
      {"  of two of the one and one of the other", "one_by_one", "of_limit", 2, "", Goal::kAtMost, 1.6},
      {"to 1,000 destinations: processor time for each", "fan_out", "cpu_us", 2, "us", Goal::kAtMost, 3},
      {"  bytes on disk for each", "fan_out", "bytes", 1, "", Goal::kAtMost, 100},
      {"through a proxy, without delay: acknowledged", "long_way", "near_per_s", 0, "updates/s"},
      {"  with a round trip of 100 ms", "long_way", "far_per_s", 0, "updates/s"},
      {"  of that without delay", "long_way", "of_near", 2, "", Goal::kAtLeast, 0.8},
  };
}

}  // namespace
}  // namespace federation::bench

int main(int argc, char** argv) {
  using namespace federation::bench;
  if (IsReceiver(argc, argv)) return ReceiverMain(argv);
  benchmark::Initialize(&argc, argv);
  // Destinations that are not there would be warned of.
  federation::Log().set_level(spdlog::level::err);
  Register("async", Throughput, SendAsync, 4, std::uint64_t{400'000});
  Register("blocking", Throughput, SendBlocking, 64, std::uint64_t{50'000});
  Register("one_by_one", OneByOne);
  Register("fan_out", FanOut);
  // Long enough that the round trip at its end does not count for much.
  Register("long_way", LongWay, std::uint64_t{1'500'000});
  GoalTable table;
  benchmark::RunSpecifiedBenchmarks(&table);
  fmt::print("strong updates of about 250 bytes, two processes, TLS 1.3, SQLite with synchronous=FULL\n\n");
  return table.Print(Rows());
}
