#include "fednode/line_writer.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <poll.h>
#include <unistd.h>

#include <spdlog/spdlog.h>
#include <sys/eventfd.h>

namespace federation::fednode {
namespace {

std::uint64_t CountLines(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

// The longest prefix of whole lines that fits into PIPE_BUF bytes; a longer line is cut.
std::string_view NextChunk(std::string_view text) {
  if (text.size() <= PIPE_BUF) return text;
  std::size_t end = text.rfind('\n', PIPE_BUF - 1);
  return text.substr(0, end == std::string_view::npos ? PIPE_BUF : end + 1);
}

}  // namespace

LineWriter::LineWriter(int fd, std::size_t queued_bytes_max)
    : fd_(fd), queued_bytes_max_(queued_bytes_max), cancel_fd_(::eventfd(0, EFD_CLOEXEC)) {
  thread_ = std::thread([this] { Run(); });
}

LineWriter::~LineWriter() {
  Close(std::chrono::milliseconds{0});
  ::close(cancel_fd_);
}

void LineWriter::Write(std::string_view line) {
  {
    std::lock_guard lock(mutex_);
    if (broken_ || closing_ || queued_.size() + line.size() > queued_bytes_max_) {
      if (++dropped_lines_ == 1 && !broken_)
        spdlog::warn("stdout is read too slowly: updates are left out there");
      return;
    }
    queued_.append(line);
  }
  changed_.notify_all();
}

void LineWriter::Close(std::chrono::milliseconds grace) {
  if (!thread_.joinable()) return;
  {
    std::unique_lock lock(mutex_);
    closing_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, grace, [this] { return queued_.empty() && !writing_; });
  }
  std::uint64_t one = 1;
  [[maybe_unused]] ssize_t written = ::write(cancel_fd_, &one, sizeof(one));
  thread_.join();
}

std::uint64_t LineWriter::dropped_lines() const {
  std::lock_guard lock(mutex_);
  return dropped_lines_;
}

void LineWriter::Run() {
  std::string batch;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !queued_.empty() || closing_; });
    if (queued_.empty()) return;
    batch.clear();
    batch.swap(queued_);
    writing_ = true;
    lock.unlock();
    bool written = WriteBatch(batch);
    lock.lock();
    writing_ = false;
    if (!written) {
      broken_ = true;
      dropped_lines_ += CountLines(queued_);
      queued_.clear();
    }
    changed_.notify_all();
  }
}

bool LineWriter::WriteBatch(std::string_view batch) {
  while (!batch.empty()) {
    std::string_view chunk = NextChunk(batch);
    if (!WriteChunk(chunk)) {
      std::lock_guard lock(mutex_);
      dropped_lines_ += CountLines(batch);
      return false;
    }
    batch.remove_prefix(chunk.size());
  }
  return true;
}

bool LineWriter::WriteChunk(std::string_view chunk) {
  while (!chunk.empty()) {
    if (!WaitWritable()) return false;
    ssize_t written = ::write(fd_, chunk.data(), chunk.size());
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written < 0) {
      spdlog::warn("stdout cannot be written any more ({}): updates are not printed", std::strerror(errno));
      return false;
    }
    chunk.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// A pipe that is writable takes PIPE_BUF bytes without blocking, so nothing but this wait blocks, and Close
// can end it.
bool LineWriter::WaitWritable() const {
  pollfd fds[] = {{fd_, POLLOUT, 0}, {cancel_fd_, POLLIN, 0}};
  while (::poll(fds, 2, -1) < 0) {
    if (errno != EINTR) return false;
  }
  return (fds[1].revents & POLLIN) == 0;
}

}  // namespace federation::fednode
