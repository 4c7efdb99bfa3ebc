#include "node/worker_pool.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <sched.h>
#include <thread>
#include <utility>
#include <vector>

#include "log/log.h"

namespace federation::node {
namespace {

using Clock = std::chrono::steady_clock;

// How long a task waits for a thread that has others, before it gets one that sleeps.
constexpr std::chrono::microseconds kPatience{250};
// Who stands by goes to sleep when no task has waited for so long.
constexpr std::chrono::milliseconds kStandByTime{5};

// Who is woken does not push the network's thread aside, which has just posted a task and is about to post
// more: on a busy processor both then work in turns of many tasks. Where it is not allowed, all is only
// slower.
void DoNotPushAside() {
  const sched_param parameters{};
  if (sched_getscheduler(0) == SCHED_OTHER) sched_setscheduler(0, SCHED_BATCH, &parameters);
}

// Destroys the task, too, before it returns.
void RunGuarded(std::function<void()> given) {
  const std::function<void()> task = std::move(given);
  try {
    task();
  } catch (const std::exception& error) {
    Log().error("a task threw: {}", error.what());
  } catch (...) {
    Log().error("a task threw what is no std::exception");
  }
}

}  // namespace

// A thread works (it runs tasks, or was called to do so), sleeps, or stands by: at most one does, and looks
// after tasks that have waited too long.
struct WorkerPool::Impl {
  explicit Impl(int threads);

  void Post(std::function<void()> task);
  void Stop();

 private:
  struct Waiting {
    std::function<void()> task;
    Clock::time_point since;
  };
  using Lock = std::unique_lock<std::mutex>;

  void RunThread();
  // Returns true to work, false to end.
  bool Sleep(Lock& lock);
  // Returns whether to work.
  bool StandBy(Lock& lock);
  // Runs tasks until there are none.
  void Work(Lock& lock);
  // Call somebody to work, or to stand by, if there is anybody. Return whom to notify once the lock is given
  // back, which who wakes up needs.
  std::condition_variable* CallWorker();
  std::condition_variable* CallStandBy();

  std::mutex mutex_;  // guards what follows
  std::condition_variable asleep_;
  std::condition_variable standing_by_;
  std::deque<Waiting> tasks_;
  std::size_t working_ = 0;
  std::size_t sleeping_ = 0;
  // Of those that slept, how many were woken to work; and whether one was woken to stand by.
  std::size_t called_ = 0;
  bool stand_by_called_ = false;
  // Whether somebody stands by, or will; and whether who does was woken to work.
  bool has_stand_by_ = false;
  bool stand_by_works_ = false;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

WorkerPool::Impl::Impl(int threads) {
  threads_.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { RunThread(); });
}

void WorkerPool::Impl::Post(std::function<void()> task) {
  std::condition_variable* called = nullptr;
  {
    const std::lock_guard guard(mutex_);
    tasks_.push_back({std::move(task), Clock::now()});
    called = working_ == 0 ? CallWorker() : CallStandBy();
  }
  if (called != nullptr) called->notify_one();
}

std::condition_variable* WorkerPool::Impl::CallWorker() {
  if (has_stand_by_ && !stand_by_called_) {
    has_stand_by_ = false;
    stand_by_works_ = true;
    ++working_;
    return &standing_by_;
  }
  if (sleeping_ == 0) return nullptr;
  --sleeping_;
  ++called_;
  ++working_;
  return &asleep_;
}

std::condition_variable* WorkerPool::Impl::CallStandBy() {
  if (has_stand_by_ || sleeping_ == 0) return nullptr;
  --sleeping_;
  has_stand_by_ = true;
  stand_by_called_ = true;
  return &asleep_;
}

void WorkerPool::Impl::RunThread() {
  DoNotPushAside();
  Lock lock(mutex_);
  ++working_;
  // Before it sleeps for the first time: what was posted so far could call nobody.
  do {
    Work(lock);
  } while (Sleep(lock));
}

bool WorkerPool::Impl::Sleep(Lock& lock) {
  for (;;) {
    ++sleeping_;
    asleep_.wait(lock, [this] { return called_ > 0 || stand_by_called_ || stopping_; });
    if (called_ > 0) {
      --called_;
      return true;
    }
    if (stand_by_called_) {
      stand_by_called_ = false;
      if (StandBy(lock)) return true;
      continue;
    }
    --sleeping_;
    // What the others do not get to. They run what their tasks post themselves.
    if (tasks_.empty()) return false;
    ++working_;
    return true;
  }
}

bool WorkerPool::Impl::StandBy(Lock& lock) {
  Clock::time_point needed = Clock::now();
  while (!stopping_) {
    const Clock::time_point since = tasks_.empty() ? Clock::now() : tasks_.front().since;
    standing_by_.wait_until(lock, since + kPatience);
    if (std::exchange(stand_by_works_, false)) return true;
    const Clock::time_point now = Clock::now();
    if (!tasks_.empty()) {
      needed = now;
      if (now - tasks_.front().since >= kPatience) break;
    } else if (now - needed >= kStandByTime) {
      has_stand_by_ = false;
      return false;
    }
  }
  has_stand_by_ = false;
  ++working_;
  return true;
}

void WorkerPool::Impl::Work(Lock& lock) {
  while (!tasks_.empty()) {
    std::function<void()> task = std::move(tasks_.front().task);
    tasks_.pop_front();
    std::condition_variable* const called = tasks_.empty() ? nullptr : CallStandBy();
    lock.unlock();
    if (called != nullptr) called->notify_one();
    RunGuarded(std::move(task));
    lock.lock();
  }
  --working_;
}

void WorkerPool::Impl::Stop() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  asleep_.notify_all();
  standing_by_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

WorkerPool::WorkerPool(int threads) : threads_(threads), impl_(std::make_unique<Impl>(threads)) {}

WorkerPool::~WorkerPool() { Stop(); }

void WorkerPool::Post(std::function<void()> task) { impl_->Post(std::move(task)); }

void WorkerPool::Stop() { impl_->Stop(); }

}  // namespace federation::node
