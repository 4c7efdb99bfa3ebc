#include "fedctl/line_reader.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <unistd.h>

#include <fmt/format.h>

namespace federation::fedctl {

absl::StatusOr<std::vector<Line>> LineReader::NextBatch() {
  std::vector<Line> batch;
  std::size_t batch_bytes = 0;
  while (true) {
    absl::Status status = TakeLines(&batch, &batch_bytes);
    // A line that is too long is reported when the lines before it are out.
    if (!status.ok() && batch.empty()) return status;
    if (!status.ok() || ended_ || IsFull(batch, batch_bytes)) return batch;
    if (!batch.empty() && !CanReadNow()) return batch;
    status = Fill();
    if (!status.ok()) return status;
  }
}

absl::Status LineReader::TakeLines(std::vector<Line>* batch, std::size_t* batch_bytes) {
  while (!IsFull(*batch, *batch_bytes)) {
    std::string_view rest = std::string_view(buffer_).substr(start_);
    std::size_t end = rest.find('\n');
    bool complete = end != std::string_view::npos;
    if (!complete) end = rest.size();
    if (end > limits_.line_bytes_max) {
      return absl::InvalidArgumentError(
          fmt::format("line {}: want at most {} bytes, got more", number_ + 1, limits_.line_bytes_max));
    }
    if (!complete && (!ended_ || rest.empty())) break;
    TakeLine(rest.substr(0, end), batch, batch_bytes);
    start_ += complete ? end + 1 : end;
  }
  buffer_.erase(0, start_);
  start_ = 0;
  return absl::OkStatus();
}

void LineReader::TakeLine(std::string_view text, std::vector<Line>* batch, std::size_t* batch_bytes) {
  ++number_;
  if (text.find_first_not_of(" \t\r") == std::string_view::npos) return;
  batch->push_back({number_, std::string(text)});
  *batch_bytes += text.size();
}

bool LineReader::IsFull(const std::vector<Line>& batch, std::size_t batch_bytes) const {
  // Room for one more of the longest kind, so that a batch never exceeds its limit.
  return batch.size() >= limits_.batch_lines_max ||
         batch_bytes + limits_.line_bytes_max > limits_.batch_bytes_max;
}

absl::Status LineReader::Fill() {
  std::array<char, std::size_t{64} * 1024> piece;
  ssize_t count;
  do {
    count = ::read(fd_, piece.data(), piece.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0)
    return absl::UnavailableError(fmt::format("cannot read the input: {}", std::strerror(errno)));
  if (count == 0) ended_ = true;
  buffer_.append(piece.data(), static_cast<std::size_t>(count));
  return absl::OkStatus();
}

bool LineReader::CanReadNow() const {
  pollfd input{fd_, POLLIN, 0};
  return ::poll(&input, 1, 0) > 0;
}

}  // namespace federation::fedctl
