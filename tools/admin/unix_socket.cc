#include "admin/unix_socket.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unistd.h>

#include <absl/strings/ascii.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace federation::admin {
namespace {

constexpr std::string_view kScheme = "unix:";
constexpr std::size_t kPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;

SocketState StateFromErrno(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return SocketState::kAbsent;
    case ECONNREFUSED:
      return SocketState::kStale;
    case EAGAIN:  // its queue of connections is full
      return SocketState::kListening;
    default:
      return SocketState::kUnreachable;
  }
}

}  // namespace

absl::StatusOr<std::string> ParseAddress(std::string_view address) {
  if (!address.starts_with(kScheme) || address.size() == kScheme.size()) {
    return absl::InvalidArgumentError(fmt::format("want unix:PATH, got \"{}\"", address));
  }
  std::string_view path = address.substr(kScheme.size());
  if (path.size() > kPathBytesMax) {
    return absl::InvalidArgumentError(fmt::format("want a path of at most {} bytes, got one of {}: \"{}\"",
                                                  kPathBytesMax, path.size(), path));
  }
  return std::string(path);
}

std::string GrpcTarget(std::string_view path) {
  std::string target(kScheme);
  for (char c : path) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || std::strchr("/-._~", c) != nullptr) {
      target.push_back(c);
    } else {
      target += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return target;
}

SocketState ProbeSocket(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return StateFromErrno(errno);
  if (!S_ISSOCK(info.st_mode)) return SocketState::kNoSocket;
  int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return SocketState::kUnreachable;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), std::min(path.size(), kPathBytesMax));
  int result = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  SocketState state = result == 0 ? SocketState::kListening : StateFromErrno(errno);
  ::close(fd);
  return state;
}

}  // namespace federation::admin
