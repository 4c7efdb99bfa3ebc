#pragma once

#include <cstdint>

namespace federation::bench {

// Sockets of 127.0.0.1. All throw std::runtime_error.
int Listen(std::uint16_t port);
std::uint16_t PortOf(int listener);
int Connect(std::uint16_t port);
// A port that nobody listens on.
std::uint16_t FreePort();

}  // namespace federation::bench
