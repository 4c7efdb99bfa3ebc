// A long queue: updates that wait for a receiver that is down, and what it costs to deliver them when it
// comes. The exit code is 1 if a goal is missed.
#include <chrono>
#include <cstdlib>
#include <thread>
#include <unistd.h>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "bench/goal_table.h"
#include "bench/node_pair.h"
#include "bench/process_stats.h"
#include "bench/require.h"
#include "bench/senders.h"
#include "log/log.h"

namespace federation::bench {
namespace {

using Clock = std::chrono::steady_clock;

double Seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

// Of both processes, in microseconds.
double ProcessorTime_us(const NodePair& pair) { return NodePair::OwnTime_us() + pair.ReceiverTime_us(); }

// What it costs from now on until `last` is acknowledged: how many updates a second are, and the processor
// time for each, which other work on the machine changes less.
struct Cost {
  double per_s = 0;
  double each_us = 0;
};
Cost DrainUntil(const NodePair& pair, std::uint64_t last) {
  const Clock::time_point start = Clock::now();
  const double start_us = ProcessorTime_us(pair);
  const std::uint64_t first = Value(pair.delivered());
  const Clock::time_point end = pair.AwaitDelivered(Seq{last});
  const auto count = static_cast<double>(last - first);
  return {count / Seconds(end - start), (ProcessorTime_us(pair) - start_us) / count};
}

void Drain(benchmark::State& state, std::uint64_t updates) {
  for (auto _ : state) {
    NodePair pair({.with_receiver = false});
    const auto enqueue = [&pair](std::uint64_t count) {
      const Clock::time_point start = Clock::now();
      SendAsync(pair, 2, count);
      return static_cast<double>(count) / Seconds(Clock::now() - start);
    };
    state.counters["enqueue_first_per_s"] = enqueue(updates / 10);
    enqueue(updates / 10 * 8);
    state.counters["enqueue_last_per_s"] = enqueue(updates / 10);
    state.counters["enqueued_mib"] = Memory_mib(getpid());
    pair.StartReceiver();
    Require(pair.node().WakeLink(kDestination));
    pair.AwaitDelivered(Seq{1});
    const Clock::time_point start = Clock::now();
    const Cost first = DrainUntil(pair, updates / 10);
    pair.AwaitDelivered(Seq{updates / 10 * 9});
    const Cost last = DrainUntil(pair, updates);
    const double rate = static_cast<double>(updates) / Seconds(Clock::now() - start);
    state.counters["per_s"] = rate;
    state.counters["first_per_s"] = first.per_s;
    state.counters["last_per_s"] = last.per_s;
    state.counters["first_us"] = first.each_us;
    state.counters["last_us"] = last.each_us;
    state.counters["last_of_first"] = last.each_us / first.each_us;
    state.counters["sender_mib"] = PeakMemory_mib(getpid());
    state.counters["receiver_mib"] = PeakMemory_mib(pair.receiver().pid());
    state.SetIterationTime(1 / rate);
  }
}

std::vector<GoalRow> Rows() {
  using Goal = GoalRow::Goal;
  return {
      {"enqueued, the first tenth", "drain", "enqueue_first_per_s", 0, "updates/s"},
      {"  the last tenth", "drain", "enqueue_last_per_s", 0, "updates/s"},
      {"acknowledged, all of them", "drain", "per_s", 0, "updates/s"},
      {"  the first tenth", "drain", "first_per_s", 0, "updates/s"},
      {"  the last tenth", "drain", "last_per_s", 0, "updates/s"},
      {"processor time of both for an update, the first tenth", "drain", "first_us", 2, "us"},
      {"  the last tenth", "drain", "last_us", 2, "us"},
      {"  of the first one", "drain", "last_of_first", 2, "", Goal::kAtMost, 1.25},
      {"memory of the sender when all is enqueued", "drain", "enqueued_mib", 0, "MiB"},
      {"  at its peak", "drain", "sender_mib", 0, "MiB", Goal::kAtMost, 256},
      {"memory of the receiver at its peak", "drain", "receiver_mib", 0, "MiB", Goal::kAtMost, 256},
  };
}

}  // namespace
}  // namespace federation::bench

// The first argument may be the number of updates.
int main(int argc, char** argv) {
  using namespace federation::bench;
  if (IsReceiver(argc, argv)) return ReceiverMain(argv);
  benchmark::Initialize(&argc, argv);
  // The receiver that is down would be warned of.
  federation::Log().set_level(spdlog::level::err);
  const std::uint64_t updates = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2'000'000;
  benchmark::RegisterBenchmark("drain", Drain, updates)->UseManualTime()->Iterations(1);
  GoalTable table;
  benchmark::RunSpecifiedBenchmarks(&table);
  fmt::print("{} strong updates of about 250 bytes that wait for a receiver that is down; then it starts\n\n",
             updates);
  return table.Print(Rows());
}
