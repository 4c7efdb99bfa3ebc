#include "support/process.h"

#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdexcept>
#include <unistd.h>

#include <sys/syscall.h>
#include <sys/wait.h>

namespace federation::support {
namespace {

class FileActions {
 public:
  explicit FileActions(const StandardFiles& files) {
    constexpr int kAppend = O_WRONLY | O_CREAT | O_APPEND;
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, files.in.c_str(), O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, files.out.c_str(), kAppend, 0600);
    posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, files.err.c_str(), kAppend, 0600);
  }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

// The child starts with the usual effect of all signals, whatever libraries in this process have set.
class UsualSignals {
 public:
  UsualSignals() {
    sigset_t all;
    sigset_t none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  ~UsualSignals() { posix_spawnattr_destroy(&attributes_); }
  UsualSignals(const UsualSignals&) = delete;
  UsualSignals& operator=(const UsualSignals&) = delete;

  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

}  // namespace

Process::Process(const std::vector<std::string>& command, const StandardFiles& files) {
  // A test that is itself killed, for taking too long, leaves no process behind.
  std::vector<std::string> bound = {"/usr/bin/setpriv", "--pdeathsig", "KILL", "--"};
  bound.insert(bound.end(), command.begin(), command.end());
  std::vector<char*> argv;
  for (const std::string& argument : bound) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  FileActions actions(files);
  UsualSignals signals;
  int error = ::posix_spawn(&pid_, argv[0], actions.get(), signals.get(), argv.data(), environ);
  if (error != 0) throw std::runtime_error(command[0] + ": " + std::strerror(error));
  pid_fd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
}

Process::~Process() {
  Kill();
  ::close(pid_fd_);
}

bool Process::IsRunning() { return !Wait(std::chrono::seconds{0}); }

void Process::Signal(int signal) const {
  if (!ending_) ::kill(pid_, signal);
}

std::optional<Ending> Process::Wait(std::chrono::seconds longest) {
  if (ending_) return ending_;
  pollfd ended{pid_fd_, POLLIN, 0};
  if (::poll(&ended, 1, static_cast<int>(std::chrono::milliseconds(longest).count())) <= 0)
    return std::nullopt;
  Reap();
  return ending_;
}

void Process::Kill() {
  if (ending_) return;
  ::kill(pid_, SIGKILL);
  Reap();
}

void Process::Reap() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  ending_ = WIFEXITED(status) ? Ending{WEXITSTATUS(status), 0} : Ending{-1, WTERMSIG(status)};
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> ReadLines(const std::string& path) {
  std::string text = ReadFile(path);
  std::vector<std::string> lines;
  std::size_t start = 0;
  for (std::size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    lines.push_back(text.substr(start, end - start));
  }
  return lines;
}

}  // namespace federation::support
