#include "abuse/hostile_dns.h"

#include <algorithm>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <unistd.h>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "abuse/dns_messages.h"

namespace federation::abuse {
namespace {

constexpr std::size_t kHeadBytes = 12;
constexpr std::size_t kUdpBytesMax = 512;

unsigned At16(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]) << 8 | static_cast<unsigned char>(bytes[at + 1]);
}

// The name and the type of the one question in a message; none if it has none.
struct Question {
  std::string name;  // as DnsName writes it
  unsigned type = 0;

  friend bool operator==(const Question&, const Question&) = default;
};
std::optional<Question> QuestionIn(std::string_view message) {
  if (message.size() < kHeadBytes || At16(message, 4) == 0) return std::nullopt;
  std::size_t at = kHeadBytes;
  while (at < message.size() && message[at] != '\0')
    at += std::size_t{1} + static_cast<unsigned char>(message[at]);
  if (at + 3 > message.size()) return std::nullopt;
  return Question{std::string(message.substr(kHeadBytes, at + 1 - kHeadBytes)), At16(message, at + 1)};
}

std::vector<std::string> Split(std::string_view frames) {
  std::vector<std::string> messages;
  while (frames.size() >= 2) {
    const std::size_t size = std::min<std::size_t>(At16(frames, 0), frames.size() - 2);
    messages.emplace_back(frames.substr(2, size));
    frames.remove_prefix(2 + size);
  }
  return messages;
}

// What an honest server says of the names that are good.
std::string Honest(std::string_view question, const Question& asked) {
  const std::string as_in_question("\xc0\x0c", 2);
  std::string answer = std::string(question.substr(0, 2)) + Number16(0x8180) + Number16(1);
  const std::string rest = asked.name + Number16(asked.type) + Number16(1);
  std::string record;
  if (asked.type == kDnsA && !asked.name.starts_with("\x0d_actor-server")) {
    record = DnsRecord(as_in_question, kDnsA, std::string("\x7f\0\0\x01", 4));
  } else if (asked.type == kDnsSrv && asked.name == DnsName("_actor-server._tcp.srv.good.test")) {
    record = DnsRecord(as_in_question, kDnsSrv, SrvData(HostileDns::kPort, DnsName("node.good.test")));
  }
  return DnsFrame(answer + Number16(record.empty() ? 0 : 1) + Number16(0) + Number16(0) + rest + record);
}

std::string NoSuchName(std::string_view question, const Question& asked) {
  return DnsFrame(std::string(question.substr(0, 2)) + Number16(0x8183) + Number16(1) + Number16(0) +
                  Number16(0) + Number16(0) + asked.name + Number16(asked.type) + Number16(1));
}

}  // namespace

HostileDns::HostileDns() : udp_(-1), tcp_(-1) {
  // The same port for both; another one if somebody has it.
  for (int tries = 0; tries < 20; ++tries) {
    udp_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    tcp_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const plain = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof(address);
    if (udp_ < 0 || tcp_ < 0) break;
    if (bind(tcp_, plain, size) == 0 && getsockname(tcp_, plain, &size) == 0 &&
        bind(udp_, plain, size) == 0 && listen(tcp_, 16) == 0) {
      port_ = ntohs(address.sin_port);
      thread_ = std::thread([this] { Serve(); });
      return;
    }
    close(udp_);
    close(tcp_);
  }
  throw std::runtime_error("no free port for a DNS server");
}

HostileDns::~HostileDns() {
  stopping_ = true;
  thread_.join();
  close(udp_);
  close(tcp_);
}

void HostileDns::Say(std::string messages) {
  const std::lock_guard guard(mutex_);
  messages_ = std::move(messages);
}

void HostileDns::Serve() {
  while (!stopping_) {
    pollfd sockets[] = {{udp_, POLLIN, 0}, {tcp_, POLLIN, 0}};
    constexpr int kLookAgain_ms = 50;
    if (poll(sockets, 2, kLookAgain_ms) <= 0) continue;
    if (sockets[0].revents != 0) ServeUdp();
    if (sockets[1].revents != 0) ServeTcp();
  }
}

void HostileDns::ServeUdp() {
  char bytes[4096];
  sockaddr_in peer{};
  socklen_t size = sizeof(peer);
  const ssize_t count = recvfrom(udp_, bytes, sizeof(bytes), 0, reinterpret_cast<sockaddr*>(&peer), &size);
  if (count < 0) return;
  for (std::string& message : Split(AnswersTo({bytes, static_cast<std::size_t>(count)}))) {
    if (message.size() > kUdpBytesMax) {
      // What has a question is cut off behind it, with the bit for that (RFC 1035, section 4.1.1).
      message.resize(kUdpBytesMax);
      if (QuestionIn(message)) message[2] = static_cast<char>(message[2] | 0x02);
    }
    sendto(udp_, message.data(), message.size(), 0, reinterpret_cast<const sockaddr*>(&peer), size);
  }
}

void HostileDns::ServeTcp() {
  const int connection = accept4(tcp_, nullptr, nullptr, SOCK_CLOEXEC);
  if (connection < 0) return;
  constexpr timeval kPatience{1, 0};
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
  char bytes[4096];
  std::string input;
  // One question, which is all that is asked over a connection.
  while (input.size() < 2 || input.size() < 2 + At16(input, 0)) {
    const ssize_t count = recv(connection, bytes, sizeof(bytes), 0);
    if (count <= 0) break;
    input.append(bytes, static_cast<std::size_t>(count));
  }
  if (input.size() > 2) {
    const std::string answers = AnswersTo(std::string_view(input).substr(2));
    send(connection, answers.data(), answers.size(), MSG_NOSIGNAL);
  }
  close(connection);
}

std::string HostileDns::AnswersTo(std::string_view question) {
  const std::optional<Question> asked = QuestionIn(question);
  if (!asked) return {};
  const std::lock_guard guard(mutex_);
  const bool is_good = asked->name.ends_with(DnsName("good.test"));
  if (is_good || (messages_.empty() && asked->name == DnsName("evil.test"))) return Honest(question, *asked);
  std::string answers;
  for (std::string& message : Split(messages_)) {
    const std::optional<Question> answered = QuestionIn(message);
    if (answered && *answered != *asked) continue;
    if (message.size() >= 2 && message[0] == '\0' && message[1] == '\0')
      message.replace(0, 2, question.substr(0, 2));
    answers += DnsFrame(message);
  }
  return answers.empty() ? NoSuchName(question, *asked) : answers;
}

}  // namespace federation::abuse
