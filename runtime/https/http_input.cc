#include "https/http_input.h"

#include <algorithm>
#include <utility>

#include "https/record_cutter.h"

namespace federation::https {
namespace {

// A body that grows gets room for this many times what has arrived: that is moved rarely, and who only
// announces a body takes little memory.
constexpr std::size_t kBodyGrowth = 8;

// Not to more: std::string's own growth could be to twice the size of the whole body.
void GrowTo(std::size_t capacity, std::string* bytes) {
  std::string grown;
  grown.reserve(capacity);
  grown += *bytes;
  *bytes = std::move(grown);
}

}  // namespace

void HttpInput::Take(std::size_t count) {
  taken_ += count;
  if (!empty()) return;
  bytes_.clear();
  taken_ = 0;
}

void HttpInput::Shrink() {
  if (empty()) bytes_ = std::string();
}

void HttpInput::MakeRoom() {
  if (taken_ <= bytes_.size() / 2) return;
  bytes_.erase(0, taken_);
  taken_ = 0;
}

Task<absl::StatusOr<std::size_t>> HttpInput::ReadMore(TlsStream& stream) {
  MakeRoom();
  return stream.ReadSome(&bytes_);
}

std::optional<absl::StatusOr<std::size_t>> HttpInput::TryReadMore(TlsStream& stream) {
  MakeRoom();
  return stream.TryReadSome(&bytes_);
}

Task<absl::StatusOr<bool>> HttpInput::ReceiveBody(TlsStream& stream, std::size_t body_bytes,
                                                  std::string* body) {
  *body = bytes().substr(0, body_bytes);
  Take(body->size());
  while (body->size() < body_bytes) {
    const std::size_t missing = body_bytes - body->size();
    if (body->capacity() - body->size() < std::min(missing, RecordCutter::kRecordBytesMax)) {
      GrowTo(std::min(body_bytes, std::max(kBodyGrowth * body->size(), TlsStream::kReadBytesMax)), body);
    }
    const std::size_t room = std::min(missing, body->capacity() - body->size());
    const absl::StatusOr<std::size_t> count = co_await stream.ReadSome(body, room);
    if (!count.ok()) co_return count.status();
    if (*count == 0) co_return false;
  }
  co_return true;
}

}  // namespace federation::https
