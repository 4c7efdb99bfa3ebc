#pragma once

#include <array>
#include <cstdint>
#include <string>

#include <sys/types.h>

#include "federation/tls_files.h"

#include "bench/child_process.h"

namespace federation::bench {

// A node in a process of its own that takes updates with the standard schema's handler, as a user's would,
// and answers the requests of lookup.proto; and beside it a bare TLS server that sends back what it gets: the
// limit of what two processes can do.
class ReceiverProcess {
 public:
  // Starts this program again, as a receiver for `domain` on `port`, or on a free one for 0; ReceiverMain
  // takes it from there.
  // `processor`: which one it runs on, any one if it is negative.
  ReceiverProcess(const std::string& domain, const TlsFiles& tls, const std::string& store_path,
                  std::uint16_t port, int processor = -1);

  pid_t pid() const { return process_.pid(); }
  std::uint16_t port() const { return ports_[0]; }
  std::uint16_t echo_port() const { return ports_[1]; }

 private:
  ChildProcess process_;
  // The node's, and the bare server's.
  std::array<std::uint16_t, 2> ports_;
};

// Whether this process was started by a ReceiverProcess; it then does the receiver's work and yields the exit
// code.
bool IsReceiver(int argc, char** argv);
int ReceiverMain(char** argv);

}  // namespace federation::bench
