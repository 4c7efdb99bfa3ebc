#include "https/http_input.h"

#include <algorithm>

#include "https/record_cutter.h"

namespace federation::https {
namespace {

// A body that grows gets room for this many times what has arrived: that is moved rarely, and who only
// announces a body takes little memory.
constexpr std::size_t kBodyGrowth = 8;

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

Task<absl::StatusOr<std::size_t>> HttpInput::ReadMore(TlsStream& stream) {
  // Moves at most as many bytes as were taken since the last time.
  if (taken_ > bytes_.size() / 2) {
    bytes_.erase(0, taken_);
    taken_ = 0;
  }
  return stream.ReadSome(&bytes_);
}

Task<absl::StatusOr<bool>> HttpInput::ReceiveBody(TlsStream& stream, std::size_t body_bytes,
                                                  std::string* body) {
  *body = bytes().substr(0, body_bytes);
  Take(body->size());
  while (body->size() < body_bytes) {
    const std::size_t missing = body_bytes - body->size();
    if (body->capacity() - body->size() < std::min(missing, RecordCutter::kRecordBytesMax)) {
      body->reserve(std::min(body_bytes, std::max(kBodyGrowth * body->size(), TlsStream::kReadBytesMax)));
    }
    const absl::StatusOr<std::size_t> count = co_await stream.ReadSome(body, missing);
    if (!count.ok()) co_return count.status();
    if (*count == 0) co_return false;
  }
  co_return true;
}

}  // namespace federation::https
