#include "bench/child_process.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdexcept>
#include <unistd.h>

#include <sys/wait.h>

namespace federation::bench {

ChildProcess::ChildProcess(std::vector<std::string> argv) {
  // Closed at exec: other children must not keep this one's standard input open.
  int to_child[2];
  int from_child[2];
  if (pipe2(to_child, O_CLOEXEC) != 0 || pipe2(from_child, O_CLOEXEC) != 0)
    throw std::runtime_error("cannot make pipes");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to_child[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, from_child[1], STDOUT_FILENO);
  std::vector<char*> arguments;
  for (std::string& argument : argv) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  const int result = posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(to_child[0]);
  close(from_child[1]);
  to_child_ = to_child[1];
  from_child_ = from_child[0];
  if (result != 0) throw std::runtime_error("cannot start " + argv[0]);
}

ChildProcess::~ChildProcess() {
  if (signal_ != 0) kill(pid_, signal_);
  close(to_child_);
  waitpid(pid_, nullptr, 0);
  close(from_child_);
}

void ChildProcess::ReadBytes(void* bytes, std::size_t size) const {
  if (read(from_child_, bytes, size) != static_cast<ssize_t>(size))
    throw std::runtime_error("a program did not start");
}

void RunOnProcessor(int number) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(number, &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) throw std::runtime_error("sched_setaffinity");
}

}  // namespace federation::bench
