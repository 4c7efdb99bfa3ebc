#include "bench/senders.h"

#include <thread>
#include <vector>

#include "federation/v1/updates.federation.h"

#include "bench/require.h"
#include "bench/sample_update.h"

namespace federation::bench {
namespace {

// Of one thread.
constexpr std::int64_t kOutstandingMax = 8192;

// Runs `send` on each of `threads` threads with the numbers of its share of `updates`.
template <typename Send>
void Share(int threads, std::uint64_t updates, const Send& send) {
  std::vector<std::thread> senders;
  std::uint64_t next = 0;
  for (int i = 0; i < threads; ++i) {
    const std::uint64_t end =
        updates * static_cast<std::uint64_t>(i + 1) / static_cast<std::uint64_t>(threads);
    senders.emplace_back([&send, next, end] { send(next, end); });
    next = end;
  }
  for (std::thread& sender : senders) sender.join();
}

}  // namespace

void Outstanding::Add() {
  if (count_.fetch_add(1) + 1 < max_) return;
  for (std::int64_t now = count_; now > max_ / 2; now = count_) count_.wait(now);
}

void Outstanding::Done() {
  const std::int64_t left = count_.fetch_sub(1) - 1;
  if (left == max_ / 2 || left == 0) count_.notify_all();
}

void Outstanding::AwaitNone() const {
  for (std::int64_t now = count_; now > 0; now = count_) count_.wait(now);
}

void SendBlocking(NodePair& pair, int threads, std::uint64_t updates) {
  Share(threads, updates, [&pair](std::uint64_t next, std::uint64_t end) {
    v1::UpdateSender sender(pair.node());
    for (; next < end; ++next) Require(sender.SendMessage(kDestination, SampleMessage(next)).status());
  });
}

void SendAsync(NodePair& pair, int threads, std::uint64_t updates) {
  Share(threads, updates, [&pair](std::uint64_t next, std::uint64_t end) {
    Outstanding outstanding(kOutstandingMax);
    for (; next < end; ++next) {
      outstanding.Add();
      pair.node().SendStrongAsync(kDestination, SampleJson(next),
                                  [&outstanding](const absl::StatusOr<Seq>& seq) {
                                    Require(seq.status());
                                    outstanding.Done();
                                  });
    }
    outstanding.AwaitNone();
  });
}

}  // namespace federation::bench
