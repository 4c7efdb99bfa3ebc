#pragma once

#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

// The address of a node's admin service, as fednode listens on it and fedctl calls it.
namespace federation::admin {

// Takes `unix:PATH` apart. Errors: invalid argument that quotes the text, or says that the path is longer
// than a socket's may be (sun_path, 107 bytes).
absl::StatusOr<std::string> ParseAddress(std::string_view address);

// The same address as gRPC reads it: as a URI, so special characters of the path are escaped (RFC 3986,
// section 2.1).
std::string GrpcTarget(std::string_view path);

// What is at a path where a socket is wanted.
enum class SocketState {
  kAbsent,
  kListening,    // a process accepts connections on it
  kStale,        // a socket on which nobody listens: its process has ended
  kNoSocket,     // a file of another kind
  kUnreachable,  // no permission, or the like
};

// Connects to find out, and closes the connection at once.
SocketState ProbeSocket(const std::string& path);

}  // namespace federation::admin
