#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/status.h>

namespace federation::https {

// The answer of a web server.
struct Fetched {
  int status = 0;
  // In lower case, without parameters.
  std::string content_type;
  std::string body;
  // See FreshFor.
  std::optional<std::chrono::seconds> fresh_for;
};

// Reads the one answer of a connection (RFC 9112), in whatever pieces it comes, and keeps no more than its
// bounds of it at any time. Bodies may be chunked, or end with the connection. No I/O. Not thread-safe.
class DocumentReader {
 public:
  // Of the head, and behind it of one line of a chunk, or of the trailers.
  static constexpr std::size_t kHeadBytesMax = std::size_t{16} * 1024;

  explicit DocumentReader(std::size_t body_bytes_max);
  ~DocumentReader();

  // The next bytes. Errors: unavailable (too much, or no HTTP); nothing may be taken afterwards.
  absl::Status Take(std::string_view bytes);
  // The connection has ended. Errors: unavailable (in the middle).
  absl::Status TakeEnd();
  // Whether the answer is whole; what comes behind it is not looked at.
  bool is_done() const;
  // Of an answer that is whole.
  Fetched Get() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace federation::https
