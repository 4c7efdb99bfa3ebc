#pragma once

#include <atomic>
#include <cstdint>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace federation::discovery {

// Stands before a DNS server of 127.0.0.1, on UDP, and keeps back its answers to questions of one type until
// it is told to let go of them, or for ever. Thread-safe.
class HoldingDns {
 public:
  static constexpr unsigned kA = 1;
  static constexpr unsigned kAaaa = 28;

  HoldingDns(std::uint16_t server_port, unsigned held_type)
      : held_type_(held_type), front_(Open(0)), back_(Open(server_port)), thread_([this] { Serve(); }) {}
  ~HoldingDns() {
    stopping_ = true;
    thread_.join();
    ::close(front_);
    ::close(back_);
  }
  HoldingDns(const HoldingDns&) = delete;
  HoldingDns& operator=(const HoldingDns&) = delete;

  std::uint16_t port() const {
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    ::getsockname(front_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }
  // Answers that were sent on, and those that are kept back.
  int passed() const { return passed_; }
  int held() const { return held_; }
  void Release() { released_ = true; }

 private:
  struct Answer {
    std::string bytes;
    sockaddr_in client;
  };

  // Bound to a free port, or connected to a given one.
  static int Open(std::uint16_t port) {
    const int opened = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const auto* const plain = reinterpret_cast<const sockaddr*>(&address);
    if (opened >= 0 && (port == 0 ? ::bind : ::connect)(opened, plain, sizeof(address)) == 0) return opened;
    throw std::runtime_error("no socket before a DNS server");
  }
  static bool IsReadable(int socket, int patience_ms) {
    pollfd wanted{socket, POLLIN, 0};
    return ::poll(&wanted, 1, patience_ms) > 0;
  }
  // The type stands behind the one name of the question (RFC 1035, section 4.1.2).
  static unsigned TypeOf(const std::string& question) {
    constexpr std::size_t kHeadBytes = 12;
    const std::size_t end = question.find('\0', kHeadBytes);
    if (end == std::string::npos || end + 2 >= question.size()) return 0;
    return static_cast<unsigned char>(question[end + 1]) << 8 | static_cast<unsigned char>(question[end + 2]);
  }

  void Serve() {
    constexpr int kLookAgain_ms = 5;
    constexpr int kServerPatience_ms = 1000;
    while (!stopping_) {
      if (released_) {
        for (const Answer& answer : std::exchange(kept_, {})) Pass(answer);
      }
      if (!IsReadable(front_, kLookAgain_ms)) continue;
      char bytes[4096];
      Answer answer{};
      socklen_t size = sizeof(answer.client);
      ssize_t count =
          ::recvfrom(front_, bytes, sizeof(bytes), 0, reinterpret_cast<sockaddr*>(&answer.client), &size);
      if (count <= 0) continue;
      const std::string question(bytes, static_cast<std::size_t>(count));
      ::send(back_, question.data(), question.size(), 0);
      if (!IsReadable(back_, kServerPatience_ms)) continue;
      count = ::recv(back_, bytes, sizeof(bytes), 0);
      if (count <= 0) continue;
      answer.bytes.assign(bytes, static_cast<std::size_t>(count));
      if (TypeOf(question) == held_type_ && !released_) {
        kept_.push_back(std::move(answer));
        ++held_;
      } else {
        Pass(answer);
      }
    }
  }
  void Pass(const Answer& answer) {
    ::sendto(front_, answer.bytes.data(), answer.bytes.size(), 0,
             reinterpret_cast<const sockaddr*>(&answer.client), sizeof(answer.client));
    ++passed_;
  }

  const unsigned held_type_;
  const int front_;
  const int back_;
  std::vector<Answer> kept_;
  std::atomic<int> passed_{0};
  std::atomic<int> held_{0};
  std::atomic<bool> released_{false};
  std::atomic<bool> stopping_{false};
  std::thread thread_;  // the last one: it uses all others
};

}  // namespace federation::discovery
