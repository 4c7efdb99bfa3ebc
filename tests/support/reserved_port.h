#pragma once

#include <cstdint>

namespace federation::support {

// A port of 127.0.0.1 that is kept for one server, also while that does not run: the socket that holds it is
// bound but does not listen, which with SO_REUSEADDR lets a server bind to the same port and listen, and
// refuses connections while no server does.
class ReservedPort {
 public:
  ReservedPort();
  ~ReservedPort();
  ReservedPort(const ReservedPort&) = delete;
  ReservedPort& operator=(const ReservedPort&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

}  // namespace federation::support
