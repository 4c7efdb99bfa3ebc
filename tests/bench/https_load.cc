#include "bench/https_load.h"

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include <fmt/core.h>
#include <sys/epoll.h>

#include "support/raw_tls_client.h"

namespace federation::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kLength = "content-length:";

std::size_t FindLength(std::string_view head) {
  for (std::size_t at = 0; at + kLength.size() < head.size(); ++at) {
    if (head[at] == '\n' && strncasecmp(head.data() + at + 1, kLength.data(), kLength.size()) == 0) {
      return std::strtoul(head.data() + at + 1 + kLength.size(), nullptr, 10);
    }
  }
  throw std::runtime_error("an answer without its length");
}

}  // namespace

struct HttpsLoad::Client {
  explicit Client(support::RawTlsConnection made) : connection(std::move(made)) {}
  support::RawTlsConnection connection;
  std::array<char, 16 * 1024> input{};
  std::size_t size = 0;
};

HttpsLoad::HttpsLoad(std::uint16_t port, const std::vector<TlsFiles>& clients, const std::string& domain)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  for (const TlsFiles& files : clients) {
    clients_.push_back(std::make_unique<Client>(support::ConnectRawTls(port, files, domain)));
    Client& client = *clients_.back();
    if (!client.connection.Handshake()) throw std::runtime_error("a TLS handshake failed");
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &client;
    const int socket = SSL_get_fd(client.connection.ssl());
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0) throw std::runtime_error("epoll_ctl");
  }
}

HttpsLoad::~HttpsLoad() { close(epoll_); }

void HttpsLoad::Send(Client& client, const std::string& request) const {
  client.size = 0;
  if (!client.connection.Send(request)) throw std::runtime_error("cannot send a request");
}

bool HttpsLoad::Receive(Client& client) {
  const int count = SSL_read(client.connection.ssl(), client.input.data() + client.size,
                             static_cast<int>(client.input.size() - client.size));
  if (count <= 0) throw std::runtime_error("a connection has ended");
  client.size += static_cast<std::size_t>(count);
  const std::string_view input(client.input.data(), client.size);
  const std::size_t end = input.find("\r\n\r\n");
  if (end == std::string_view::npos) return false;
  if (!input.starts_with("HTTP/1.1 200")) throw std::runtime_error(std::string(input));
  return input.size() >= end + 4 + FindLength(input.substr(0, end + 2));
}

double HttpsLoad::Run(const std::string& request, std::chrono::milliseconds duration) {
  const Clock::time_point start = Clock::now();
  for (const auto& client : clients_) Send(*client, request);
  std::uint64_t answers = 0;
  std::array<epoll_event, 64> events{};
  for (std::size_t open = clients_.size(); open > 0;) {
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 5000);
    if (count <= 0) throw std::runtime_error("no answer");
    const bool over = Clock::now() - start >= duration;
    for (int i = 0; i < count; ++i) {
      Client& client = *static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (!Receive(client)) continue;
      ++answers;
      if (over) {
        --open;
      } else {
        Send(client, request);
      }
    }
  }
  return static_cast<double>(answers) / std::chrono::duration<double>(Clock::now() - start).count();
}

std::string PostOf(const std::string& domain, const std::string& target, const std::string& json) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
      target, domain, json.size(), json);
}

}  // namespace federation::bench
