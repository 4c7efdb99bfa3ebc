#pragma once

#include <chrono>
#include <cstdint>
#include <thread>

namespace federation::bench {

// A long line: takes connections on a port of 127.0.0.1, passes on what is said to another port of it and
// back, each byte so much later than it came. Takes as much as may be said in that time, so that only the
// time is its doing. One connection at a time, on a thread of its own.
class DelayingProxy {
 public:
  DelayingProxy(std::uint16_t target, std::chrono::milliseconds delay);
  ~DelayingProxy();
  DelayingProxy(const DelayingProxy&) = delete;
  DelayingProxy& operator=(const DelayingProxy&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  void Run();
  // Until one side ends the connection.
  void Pass(int client);

  const std::uint16_t target_;
  const std::chrono::milliseconds delay_;
  const int listener_;
  const std::uint16_t port_;
  // Readable at the end.
  int stop_[2] = {-1, -1};
  std::thread thread_;
};

}  // namespace federation::bench
