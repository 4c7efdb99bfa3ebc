#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "simulation/memory_store.h"
#include "store/store_contract.h"

namespace federation::simulation {
namespace {

using std::chrono::steady_clock;

// A disk with a thread of its own.
class ThreadedDisk final : public Disk {
 public:
  explicit ThreadedDisk(WallClock clock) : clock_(std::move(clock)), thread_([this] { Run(); }) {}
  ~ThreadedDisk() override { End(); }

  // Runs what was posted without a delay, and nothing any more.
  void End() {
    {
      const std::lock_guard guard(mutex_);
      ending_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  struct Trouble {
    bool full = false;
    bool sync_fails = false;
  };
  void Set(Trouble trouble) {
    const std::lock_guard guard(mutex_);
    trouble_ = trouble;
  }

  Fate OnCommit() override {
    const std::lock_guard guard(mutex_);
    if (trouble_.full) return Fate::kFull;
    return trouble_.sync_fails ? Fate::kFails : Fate::kDone;
  }
  bool OnWrite() override { return true; }
  bool OnRead() override { return true; }
  bool IsLeased(std::string_view) override { return false; }
  bool SomebodyWaits() override { return false; }
  void Post(std::chrono::milliseconds delay, std::function<void()> task) override {
    {
      const std::lock_guard guard(mutex_);
      tasks_.emplace(steady_clock::now() + delay, std::move(task));
    }
    changed_.notify_one();
  }
  steady_clock::time_point Now() const override { return steady_clock::now(); }
  std::chrono::system_clock::time_point WallNow() const override { return clock_(); }
  void Committed(const std::vector<MemoryChange>&) override {}
  void Noted(std::string_view, Seq) override {}

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    while (true) {
      if (tasks_.empty() || (steady_clock::now() < tasks_.begin()->first)) {
        if (ending_) return;
        if (tasks_.empty()) {
          changed_.wait(lock);
        } else {
          changed_.wait_until(lock, steady_clock::time_point(tasks_.begin()->first));
        }
        continue;
      }
      const std::function<void()> task = std::move(tasks_.begin()->second);
      tasks_.erase(tasks_.begin());
      lock.unlock();
      task();
      lock.lock();
    }
  }

  const WallClock clock_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::multimap<steady_clock::time_point, std::function<void()>> tasks_;
  Trouble trouble_;
  bool ending_ = false;
  std::thread thread_;
};

// Holds what a memory store borrows.
struct DiskHolder {
  std::shared_ptr<MemoryFile> file;
  std::shared_ptr<ThreadedDisk> disk;
};

class HeldMemoryStore final : private DiskHolder, public MemoryStore {
 public:
  HeldMemoryStore(DiskHolder holder, const StoreLimits& limits)
      : DiskHolder(std::move(holder)), MemoryStore(*file, *disk, limits) {}
  ~HeldMemoryStore() override {
    disk->End();
    Flush();
  }
};

class MemoryStoreMaker final : public StoreMaker {
 public:
  absl::StatusOr<std::unique_ptr<Store>> Open(const StoreLimits& limits, WallClock clock) override {
    disk_ = std::make_shared<ThreadedDisk>(std::move(clock));
    disk_->Set(trouble_);
    return std::make_unique<HeldMemoryStore>(DiskHolder{file_, disk_}, limits);
  }
  void Crash() override {
    auto durable = std::make_shared<MemoryFile>();
    const std::lock_guard guard(file_->mutex);
    durable->state = file_->state;
    file_.swap(durable);
    crashed_.push_back(std::move(durable));
  }
  void FillDisk() override { Set({.full = true, .sync_fails = false}); }
  void FreeDisk() override { Set({}); }
  void FailSync() override { Set({.full = false, .sync_fails = true}); }
  void HealSync() override { Set({}); }

 private:
  void Set(ThreadedDisk::Trouble trouble) {
    trouble_ = trouble;
    if (disk_ != nullptr) disk_->Set(trouble);
  }

  std::shared_ptr<MemoryFile> file_ = std::make_shared<MemoryFile>();
  std::vector<std::shared_ptr<MemoryFile>> crashed_;
  std::shared_ptr<ThreadedDisk> disk_;
  ThreadedDisk::Trouble trouble_;
};

}  // namespace
}  // namespace federation::simulation

namespace federation {
namespace {

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract,
                         testing::Values(StoreKind{
                             "Memory", [] { return std::make_unique<simulation::MemoryStoreMaker>(); }}),
                         NameOfKind);

}  // namespace
}  // namespace federation
