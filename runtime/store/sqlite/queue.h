#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "federation/store.h"

#include "store/sqlite/writer.h"

namespace federation::sqlite {

// What callers hand over to be committed, and the thread that does it: as much at a time as has come together
// during the commit before. Thread-safe.
class Queue {
 public:
  // Borrows its arguments. `store` is what Inside knows it by.
  Queue(const void* store, Writer& writer, Shared& shared)
      : store_(store), writer_(writer), shared_(shared) {}
  // Commits all that is queued or noted.
  ~Queue();

  void Start();
  // As those of Store.
  void Append(std::string destination, std::string json, Store::AppendDone done);
  void Submit(Store::Work work, Store::Done done);
  // Something was noted, or parked, that this thread has to look after.
  void Wake();

  // Whether nothing is queued, and nobody writes: there is nobody to share a commit with.
  bool IsIdle();
  bool IsOwnThread() const { return thread_.get_id() == std::this_thread::get_id(); }

 private:
  // An update, or work.
  struct Queued {
    std::string destination{};
    std::string json{};
    Store::AppendDone append_done{};
    Store::Work work{};
    Store::Done done{};
    absl::Status status{};
    Seq seq{0};

    std::size_t bytes() const { return sizeof(Queued) + destination.size() + json.size(); }
  };

  void Add(Queued queued);
  void Run();
  // Until there is something to do: what is queued, or nothing if it is time for notes. False at the end.
  bool Wait(std::vector<Queued>& batch);
  void CommitInGroups(std::span<Queued> batch);
  // Calls what was given along.
  void Tell(Queued& queued);
  void CommitTogether(std::span<Queued> group);
  void RunOne(Queued& queued);

  const void* store_;
  Writer& writer_;
  Shared& shared_;

  std::mutex mutex_;  // guards what follows; never held together with another one
  std::condition_variable changed_;
  std::vector<Queued> queue_;
  bool is_waiting_ = false;
  bool is_woken_ = false;
  bool is_stopping_ = false;

  // Of the updates that wait for their commit.
  std::atomic<std::size_t> queued_bytes_{0};
  std::thread thread_;
};

}  // namespace federation::sqlite
