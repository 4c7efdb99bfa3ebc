#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "federation/tls_files.h"

namespace federation::bench {

// A node in a process of its own that takes updates and notes how long each was on its way: from the time in
// the update's `message_id` (nanoseconds of the steady clock, which both processes share) to its handler.
class ReceiverProcess {
 public:
  // Starts this program again, as a receiver for `domain`; ReceiverMain takes it from there.
  ReceiverProcess(const std::string& domain, const TlsFiles& tls, const std::string& store_path);
  // Ends the process.
  ~ReceiverProcess();
  ReceiverProcess(const ReceiverProcess&) = delete;
  ReceiverProcess& operator=(const ReceiverProcess&) = delete;

  std::uint16_t port() const { return port_; }
  // What was noted since the last call, sorted, in nanoseconds.
  std::vector<std::int64_t> TakeLatencies_ns();

 private:
  pid_t pid_ = -1;
  int to_child_ = -1;
  int from_child_ = -1;
  std::uint16_t port_ = 0;
};

// Whether this process was started by a ReceiverProcess; it then does the receiver's work and yields the exit
// code.
bool IsReceiver(int argc, char** argv);
int ReceiverMain(char** argv);

}  // namespace federation::bench
