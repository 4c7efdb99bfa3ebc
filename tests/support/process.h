#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace federation::support {

// How a process ended.
struct Ending {
  // The exit code, or -1 after a signal.
  int code = -1;
  // The signal, or 0.
  int signal = 0;
};

// Files that a process has as standard input, output and error. They are appended to, so that a process that
// takes the place of an earlier one goes on in the same files.
struct StandardFiles {
  std::string in = "/dev/null";
  std::string out = "/dev/null";
  std::string err = "/dev/null";
};

// A child process, ended by its own id. Not thread-safe.
class Process {
 public:
  // `command` begins with the program's path. The process is killed if this one, or the thread that started
  // it, ends before it. Throws std::runtime_error if it cannot be started.
  Process(const std::vector<std::string>& command, const StandardFiles& files);
  // Kills it if it still runs.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool IsRunning();
  void Signal(int signal) const;
  // Waits for the end; none if the process still runs after `longest`.
  std::optional<Ending> Wait(std::chrono::seconds longest = std::chrono::seconds{20});
  // SIGKILL, and waits for the end.
  void Kill();

 private:
  void Reap();

  pid_t pid_ = 0;
  int pid_fd_ = -1;  // readable when the process has ended
  std::optional<Ending> ending_;
};

std::string ReadFile(const std::string& path);

// The lines of a file, without line feeds; a last line without one is left out: it is still being written.
std::vector<std::string> ReadLines(const std::string& path);

}  // namespace federation::support
