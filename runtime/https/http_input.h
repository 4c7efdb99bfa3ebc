#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "https/net.h"
#include "https/tls_stream.h"

namespace federation::https {

// What has arrived on a connection and is not yet part of a message. Taking many small messages from it costs
// no more than their bytes.
class HttpInput {
 public:
  std::string_view bytes() const { return std::string_view(bytes_).substr(taken_); }
  bool empty() const { return taken_ == bytes_.size(); }
  std::size_t capacity() const { return bytes_.capacity(); }

  // Takes from the front.
  void Take(std::size_t count);
  // Frees the memory of an empty one.
  void Shrink();

  // Reads more; as TlsStream::ReadSome and TlsStream::TryReadSome. Views of bytes() end.
  Task<absl::StatusOr<std::size_t>> ReadMore(TlsStream& stream);
  std::optional<absl::StatusOr<std::size_t>> TryReadMore(TlsStream& stream);
  // Takes a body of `body_bytes`. Memory grows with what arrives, and to no more than `body_bytes`. False if
  // the peer sends no more before its end; errors as TlsStream::ReadSome.
  Task<absl::StatusOr<bool>> ReceiveBody(TlsStream& stream, std::size_t body_bytes, std::string* body);

 private:
  // Moves at most as many bytes as were taken since the last time.
  void MakeRoom();

  std::string bytes_;
  std::size_t taken_ = 0;
};

}  // namespace federation::https
