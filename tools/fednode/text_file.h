#pragma once

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include <absl/status/statusor.h>
#include <fmt/format.h>

namespace federation::fednode {

// The whole of a file that the operator has named. Unavailable with the system's words.
inline absl::StatusOr<std::string> ReadTextFile(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  // What goes wrong in read() sets a bit; what goes wrong in an iterator, for a folder for instance, throws.
  for (char part[4096]; file.read(part, sizeof part) || file.gcount() > 0;) {
    text.append(part, static_cast<std::size_t>(file.gcount()));
  }
  if (file.is_open() && !file.bad()) return text;
  return absl::UnavailableError(fmt::format("{}: {}", path, std::strerror(errno == 0 ? EIO : errno)));
}

}  // namespace federation::fednode
