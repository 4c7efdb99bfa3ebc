#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "delivery/surroundings.h"

namespace federation::delivery {

// Tasks that a test runs when it wants to. Thread-safe, but for running them.
class FakeWorkers : public Workers {
 public:
  void Post(std::function<void()> task) override {
    const std::lock_guard guard(mutex_);
    tasks_.push_back(std::move(task));
  }
  // Runs the oldest task; false if there is none.
  bool RunOne() {
    std::function<void()> task;
    {
      const std::lock_guard guard(mutex_);
      if (tasks_.empty()) return false;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
    return true;
  }
  std::size_t waiting() const {
    const std::lock_guard guard(mutex_);
    return tasks_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::deque<std::function<void()>> tasks_;
};

// A loop whose time stands still until a test advances it.
class FakeLoop : public Loop {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  using WallTime = std::chrono::system_clock::time_point;

  void Post(std::function<void()> task) override { tasks_.Post(std::move(task)); }
  std::unique_ptr<Timer> MakeTimer() override { return std::make_unique<FakeTimer>(*this); }
  SteadyTime Now() const override { return kStart + passed_; }
  WallTime WallNow() const override { return kWallStart + passed_; }

  bool RunOne() { return tasks_.RunOne(); }
  // When the next timer is due.
  std::optional<SteadyTime> NextTimer() const {
    if (timers_.empty()) return std::nullopt;
    return timers_.begin()->first.first;
  }
  void SetNow(SteadyTime now) { passed_ = std::max(passed_, now - kStart); }
  // Runs the next timer that is due; false if there is none.
  bool RunTimer() {
    if (timers_.empty() || timers_.begin()->first.first > Now()) return false;
    const std::function<void()> task = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    task();
    return true;
  }

 private:
  class FakeTimer : public Timer {
   public:
    explicit FakeTimer(FakeLoop& loop) : loop_(loop) {}
    ~FakeTimer() override { Cancel(); }
    void Set(std::chrono::milliseconds delay, std::function<void()> task) override {
      Cancel();
      EXPECT_GE(delay.count(), 0);
      key_ = {loop_.Now() + delay, loop_.next_timer_++};
      loop_.timers_.emplace(key_, std::move(task));
    }
    void Cancel() override { loop_.timers_.erase(key_); }

   private:
    FakeLoop& loop_;
    std::pair<SteadyTime, int> key_;
  };

  static constexpr SteadyTime kStart{std::chrono::hours(100)};
  static constexpr WallTime kWallStart{std::chrono::seconds(1'700'000'000)};

  FakeWorkers tasks_;
  std::map<std::pair<SteadyTime, int>, std::function<void()>> timers_;
  int next_timer_ = 1;
  std::chrono::nanoseconds passed_{0};
};

// A network on which a test answers.
class FakeTransport : public Transport {
 public:
  explicit FakeTransport(FakeLoop& loop) : loop_(loop) {}

  void Push(PushCall call, Done done) override {
    sent_.push_back(call);
    if (answer_) {
      auto answer = answer_(call);
      return loop_.Post([answer = std::move(answer), done = std::move(done)] { done(answer); });
    }
    waiting_.push_back({std::move(call), std::move(done)});
  }

  // Has all pushes answered at once from now on; null ends that.
  using Script = std::function<absl::StatusOr<PushAnswer>(const PushCall&)>;
  void AnswerAll(Script script) { answer_ = std::move(script); }
  // Answers the oldest push that waits for it.
  void Answer(absl::StatusOr<PushAnswer> answer) {
    ASSERT_FALSE(waiting_.empty());
    auto done = std::move(waiting_.front().second);
    waiting_.pop_front();
    loop_.Post([answer = std::move(answer), done = std::move(done)] { done(answer); });
  }
  void Answer(std::string body) {
    Answer(PushAnswer{.status = 200, .body = std::move(body), .retry_after = {}});
  }

  // Has the script answer the oldest push that waits.
  void AnswerWaiting() {
    ASSERT_FALSE(waiting_.empty());
    Answer(answer_(waiting_.front().first));
  }

  // Every push so far, and those without an answer.
  const std::vector<PushCall>& sent() const { return sent_; }
  std::size_t waiting() const { return waiting_.size(); }
  // The bodies of what was sent since the last call.
  std::vector<std::string> TakeBodies() {
    std::vector<std::string> bodies;
    for (; taken_ < sent_.size(); ++taken_) bodies.push_back(sent_[taken_].body);
    return bodies;
  }

 private:
  FakeLoop& loop_;
  Script answer_;
  std::vector<PushCall> sent_;
  std::size_t taken_ = 0;
  std::deque<std::pair<PushCall, Done>> waiting_;
};

// What runs in a test, one task at a time.
struct FakeWorld {
  FakeLoop loop;
  FakeWorkers workers;
  FakeTransport transport{loop};

  // Runs until there is nothing to do without time.
  void Run() {
    while (loop.RunOne() || workers.RunOne() || loop.RunTimer()) {
    }
  }
  void Advance(std::chrono::milliseconds duration) {
    const auto end = loop.Now() + duration;
    Run();
    while (const auto next = loop.NextTimer()) {
      if (*next > end) break;
      loop.SetNow(*next);
      Run();
    }
    loop.SetNow(end);
    Run();
  }
};

}  // namespace federation::delivery
