#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace federation::abuse {

// A DNS server on a port of 127.0.0.1, over UDP and TCP, that says what it is told to say. Of itself it says
// that good.test, evil.test and all that ends in .good.test are at 127.0.0.1, and that the server of
// srv.good.test is node.good.test at kPort. Thread-safe.
class HostileDns {
 public:
  static constexpr unsigned kPort = 9880;

  HostileDns();
  ~HostileDns();
  HostileDns(const HostileDns&) = delete;
  HostileDns& operator=(const HostileDns&) = delete;

  std::uint16_t port() const { return port_; }
  // To all questions but those for good.test and below it: see dns_messages.h. Nothing: of itself.
  void Say(std::string messages);

 private:
  void Serve();
  void ServeUdp();
  void ServeTcp();
  // What is said to a question, in frames.
  std::string AnswersTo(std::string_view question);

  int udp_;
  int tcp_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;  // guards what follows
  std::string messages_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace federation::abuse
