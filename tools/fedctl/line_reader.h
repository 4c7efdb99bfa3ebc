#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace federation::fedctl {

struct Line {
  // From 1 on, blank lines counted.
  std::uint64_t number = 0;
  // Without the line feed.
  std::string text;
};

struct LineLimits {
  std::size_t line_bytes_max = std::size_t{1024} * 1024;
  std::size_t batch_lines_max = 1000;
  std::size_t batch_bytes_max = std::size_t{4} * 1024 * 1024;
};
static_assert(LineLimits{}.line_bytes_max <= LineLimits{}.batch_bytes_max, "every line fits into a batch");

// Reads lines from a file descriptor in batches: what is there goes at once, so that a person at a pipe is
// answered line by line and a file is read in large pieces. Does not own the descriptor. Not thread-safe.
class LineReader {
 public:
  explicit LineReader(int fd, const LineLimits& limits = {}) : fd_(fd), limits_(limits) {}

  // Blocks for at least one line that is not blank, and takes along those that can be read without blocking,
  // up to the limits. Empty at the end of the input, whose last line needs no line feed. Errors: invalid
  // argument (a line over the limit, with its number; the lines before it were yielded), unavailable (the
  // system's words).
  absl::StatusOr<std::vector<Line>> NextBatch();

 private:
  // Moves the complete lines of the buffer that fit to the batch.
  absl::Status TakeLines(std::vector<Line>* batch, std::size_t* batch_bytes);
  void TakeLine(std::string_view text, std::vector<Line>* batch, std::size_t* batch_bytes);
  bool IsFull(const std::vector<Line>& batch, std::size_t batch_bytes) const;
  absl::Status Fill();
  bool CanReadNow() const;

  const int fd_;
  const LineLimits limits_;
  std::string buffer_;
  std::size_t start_ = 0;  // of the first byte in buffer_ that is not taken
  std::uint64_t number_ = 0;
  bool ended_ = false;
};

}  // namespace federation::fedctl
