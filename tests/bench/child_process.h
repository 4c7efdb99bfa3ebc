#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace federation::bench {

// A program that runs as long as this object. It gets a pipe as its standard input, which ends when it is to
// end, and may say something on its standard output when it has started. Throws std::runtime_error.
class ChildProcess {
 public:
  // `argv` begins with the path of the program.
  explicit ChildProcess(std::vector<std::string> argv);
  // Closes the standard input, and waits for the end; before that, sends the signal if it is not 0.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  // The next bytes of its standard output, as many as there are in T.
  template <typename T>
  T Read() const {
    T value{};
    ReadBytes(&value, sizeof value);
    return value;
  }
  // Instead of only closing its standard input.
  void EndWith(int signal) { signal_ = signal; }

 private:
  void ReadBytes(void* bytes, std::size_t size) const;

  pid_t pid_ = -1;
  int to_child_ = -1;
  int from_child_ = -1;
  int signal_ = 0;
};

// From now on this process, and what it starts, runs on this processor.
void RunOnProcessor(int number);

}  // namespace federation::bench
