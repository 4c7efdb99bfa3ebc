#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <absl/status/statusor.h>

#include "transport/problem.h"

// The heads of HTTP/1.x messages (RFC 9112). Beast takes them apart; whatever is doubtful about where a
// message ends is refused here, before a byte of its body is looked at.
namespace federation::https {

using transport::Problem;

// Finds the end of a head in bytes that come piece by piece.
class HeadFinder {
 public:
  HeadFinder(std::size_t head_bytes_max, std::size_t fields_max)
      : head_bytes_max_(head_bytes_max), fields_max_(fields_max) {}

  enum class State {
    kPartial,    // more bytes are needed
    kComplete,   // head_bytes() of them are the head
    kTooLong,    // the head is longer than head_bytes_max, or has more fields than fields_max
    kMalformed,  // a line does not end with CR LF
  };
  // `bytes`: all that have come so far from the head's start on, a prefix of which was passed before.
  State Find(std::string_view bytes);

  // With its empty line at the end. Valid when complete.
  std::size_t head_bytes() const { return head_bytes_; }

 private:
  std::size_t head_bytes_max_;
  std::size_t fields_max_;
  std::size_t lines_ = 0;
  std::size_t searched_bytes_ = 0;
  std::size_t head_bytes_ = 0;
};

struct RequestHead {
  std::string method;
  // A path with its query, or `*`.
  std::string target;
  bool http_1_1 = true;
  // Whether the connection stays open after the answer.
  bool keep_alive = true;
  // Whether the client waits for `100 Continue` before it sends the body (RFC 9110, section 10.1.1).
  bool expects_continue = false;
  std::size_t content_length_bytes = 0;
  // The media type in lower case, without parameters.
  std::string content_type;
  // Federation-Origin, Federation-Destination and Federation-Relay, as they came.
  std::optional<std::string> origin;
  std::optional<std::string> destination;
  std::optional<std::string> relay;
  // Federation-Hops; 1 to 99 with Federation-Relay, and 0 without it.
  int hops = 0;
  // Federation-Timeout.
  std::optional<std::chrono::milliseconds> timeout;
};

// Reads a complete head. Refused with a problem: malformed ones (see strict_head.h), several or no Host, a
// target that contradicts it, any Transfer-Encoding, several or malformed Content-Length or
// Federation-Timeout, several of the other Federation- headers, Federation-Relay without Federation-Origin or
// Federation-Hops, POST without Content-Length, an Expect for something else than 100-continue, and bodies
// over `body_bytes_max`.
std::variant<RequestHead, Problem> ParseRequestHead(std::string_view head, std::size_t body_bytes_max);

struct AnswerHead {
  int status = 0;
  bool keep_alive = true;
  std::size_t content_length_bytes = 0;
  std::string content_type;
  std::optional<std::chrono::seconds> retry_after;

  // 1xx: the final answer is still to come (RFC 9110, section 15.2).
  bool is_interim() const { return status < 200; }
};

// Reads a complete head. Errors: unavailable with what is wrong; answers with Transfer-Encoding or without
// Content-Length are, and those with a body over `body_bytes_max`.
absl::StatusOr<AnswerHead> ParseAnswerHead(std::string_view head, std::size_t body_bytes_max);

}  // namespace federation::https
