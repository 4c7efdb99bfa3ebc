#include "fednode/tail_hub.h"

#include <string>
#include <utility>

namespace federation::fednode {
namespace {

constexpr std::size_t kReadersMax = 64;
constexpr std::size_t kQueuedBytesMax = std::size_t{4} * 1024 * 1024;  // for each reader

std::size_t Bytes(const admin::v1::TailEvent& event) {
  return sizeof(event) + event.peer().size() + event.update().size();
}

}  // namespace

void TailQueue::Push(Event event) {
  std::size_t bytes = Bytes(*event);
  if (bytes_ + bytes > bytes_max_) {
    ++dropped_;
    return;
  }
  bytes_ += bytes;
  entries_.push_back({std::move(event), std::exchange(dropped_, 0)});
}

bool TailQueue::Pop(admin::v1::TailEvent* event) {
  event->Clear();
  if (entries_.empty()) {
    event->set_dropped(std::exchange(dropped_, 0));
    return event->dropped() > 0;
  }
  *event = *entries_.front().event;
  event->set_dropped(entries_.front().dropped_before);
  bytes_ -= Bytes(*entries_.front().event);
  entries_.pop_front();
  return true;
}

// One reader's call. At most one operation of gRPC runs on it at a time.
class TailHub::StreamImpl final : public Stream {
 public:
  explicit StreamImpl(TailHub& hub) : hub_(hub) {
    // So that the reader knows that it misses nothing from here on.
    StartSendInitialMetadata();
  }

  void Push(TailQueue::Event event) {
    std::lock_guard lock(mutex_);
    if (end_) return;
    queue_.Push(std::move(event));
    if (!busy_) Advance();
  }

  // Ends the call after the operation that runs.
  void End(const grpc::Status& status) {
    std::lock_guard lock(mutex_);
    if (end_) return;
    end_ = status;
    if (!busy_) Advance();
  }

  void OnSendInitialMetadataDone(bool ok) override { OnOperationDone(ok); }
  void OnWriteDone(bool ok) override { OnOperationDone(ok); }
  void OnCancel() override { End(grpc::Status::CANCELLED); }
  void OnDone() override {
    hub_.Remove(this);
    delete this;
  }

 private:
  void OnOperationDone(bool ok) {
    std::lock_guard lock(mutex_);
    if (!ok && !end_) end_ = grpc::Status::CANCELLED;
    Advance();
  }

  // Starts the next operation, if there is one.
  void Advance() {
    busy_ = true;
    if (end_) {
      Finish(*end_);
    } else if (queue_.Pop(&current_)) {
      StartWrite(&current_);
    } else {
      busy_ = false;
    }
  }

  TailHub& hub_;
  std::mutex mutex_;
  bool busy_ = true;
  std::optional<grpc::Status> end_;
  TailQueue queue_{kQueuedBytesMax};
  admin::v1::TailEvent current_;
};

TailHub::~TailHub() {
  Close();
  std::unique_lock lock(mutex_);
  removed_.wait(lock, [this] { return streams_.empty(); });
}

TailHub::Stream* TailHub::Subscribe() {
  auto* stream = new StreamImpl(*this);
  std::lock_guard lock(mutex_);
  if (closed_) {
    stream->End(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the node stops"));
  } else if (streams_.size() >= kReadersMax) {
    stream->End(grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "too many readers"));
  }
  streams_.insert(stream);
  readers_ = streams_.size();
  return stream;
}

void TailHub::Publish(admin::v1::TailEvent::Direction direction, std::string_view peer,
                      std::optional<Seq> seq, std::string_view json) {
  if (readers_ == 0) return;
  auto event = std::make_shared<admin::v1::TailEvent>();
  event->set_direction(direction);
  event->set_peer(std::string(peer));
  if (seq) event->set_seq(Value(*seq));
  event->set_update(std::string(json));
  std::lock_guard lock(mutex_);
  for (StreamImpl* stream : streams_) stream->Push(event);
}

void TailHub::Close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  for (StreamImpl* stream : streams_)
    stream->End(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the node stops"));
}

void TailHub::Remove(StreamImpl* stream) {
  std::lock_guard lock(mutex_);
  streams_.erase(stream);
  readers_ = streams_.size();
  // Under the lock: the one who waits may free this object as soon as it sees the change.
  removed_.notify_all();
}

}  // namespace federation::fednode
