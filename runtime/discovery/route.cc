#include "discovery/route.h"

#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace federation::discovery {
namespace {

constexpr in_port_t kAnyPort = 9;

// For UDP, to connect is to look for a route and an address to send from.
bool Connects(int family, const sockaddr& to, socklen_t size) {
  const int socket = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
  if (socket < 0) return false;
  const bool connects = ::connect(socket, &to, size) == 0;
  ::close(socket);
  return connects;
}

}  // namespace

bool HasRouteTo(const std::string& ip) {
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(kAnyPort);
  if (inet_pton(AF_INET, ip.c_str(), &ipv4.sin_addr) == 1) {
    return Connects(AF_INET, reinterpret_cast<const sockaddr&>(ipv4), sizeof(ipv4));
  }
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_port = htons(kAnyPort);
  return inet_pton(AF_INET6, ip.c_str(), &ipv6.sin6_addr) == 1 &&
         Connects(AF_INET6, reinterpret_cast<const sockaddr&>(ipv6), sizeof(ipv6));
}

}  // namespace federation::discovery
