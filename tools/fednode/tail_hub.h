#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>

#include <grpcpp/grpcpp.h>

#include "federation/admin/v1/admin.grpc.pb.h"
#include "federation/seq.h"

namespace federation::fednode {

// The events that wait for one reader, up to a bound; what does not fit is left out and counted.
class TailQueue {
 public:
  explicit TailQueue(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  using Event = std::shared_ptr<const admin::v1::TailEvent>;
  // Adds the event, or counts it as left out.
  void Push(Event event);
  // Takes the oldest event, with the number of those that were left out before it; where nothing follows
  // them, an event with nothing but that number. False if there is nothing to tell.
  bool Pop(admin::v1::TailEvent* event);

 private:
  struct Entry {
    Event event;
    std::uint64_t dropped_before = 0;
  };
  const std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::uint64_t dropped_ = 0;  // since the newest entry
  std::deque<Entry> entries_;
};

// Hands updates, as they come and go, to everybody who reads along. A slow reader costs neither time nor more
// memory than its TailQueue's bound. Thread-safe.
class TailHub {
 public:
  TailHub() = default;
  // As Close, and waits until all streams have ended.
  ~TailHub();
  TailHub(const TailHub&) = delete;
  TailHub& operator=(const TailHub&) = delete;

  using Stream = grpc::ServerWriteReactor<admin::v1::TailEvent>;
  // A stream for one more reader; it frees itself at its end. With too many readers it ends at once, with
  // resource exhausted, and after Close with unavailable.
  Stream* Subscribe();
  // Costs next to nothing when nobody reads. Does not block.
  void Publish(admin::v1::TailEvent::Direction direction, std::string_view peer, std::optional<Seq> seq,
               std::string_view json);
  // Ends all streams.
  void Close();

 private:
  class StreamImpl;
  void Remove(StreamImpl* stream);

  std::atomic<std::size_t> readers_{0};
  std::mutex mutex_;
  std::condition_variable removed_;
  std::set<StreamImpl*> streams_;
  bool closed_ = false;
};

}  // namespace federation::fednode
