#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace federation::fednode {

// Writes lines to a file descriptor on a thread of its own, so that a reader that is slow, stopped or gone
// never holds up the one who writes: lines that do not fit into the queue are dropped and counted, and after
// a broken pipe all are.
//
// Each write(2) is a batch of whole lines, of at most PIPE_BUF bytes unless one line is longer. Thread-safe.
// Does not own the descriptor. SIGPIPE must be ignored.
class LineWriter {
 public:
  LineWriter(int fd, std::size_t queued_bytes_max);
  // As Close, without waiting.
  ~LineWriter();
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  // Queues `line`, which ends with a line feed. Does not block.
  void Write(std::string_view line);
  // Waits until all lines are written, but no longer than `grace`, and ends the thread. Idempotent.
  void Close(std::chrono::milliseconds grace);

  // Lines that were not written so far.
  std::uint64_t dropped_lines() const;

 private:
  void Run();
  bool WriteBatch(std::string_view batch);
  bool WriteChunk(std::string_view chunk);
  bool WaitWritable() const;

  const int fd_;
  const std::size_t queued_bytes_max_;
  const int cancel_fd_;  // readable when the thread must end at once
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string queued_;
  bool writing_ = false;
  bool broken_ = false;
  bool closing_ = false;
  std::uint64_t dropped_lines_ = 0;
  std::thread thread_;
};

}  // namespace federation::fednode
