// Whatever stands in a header that somebody acts upon: a number is one of digits, or it is refused. The first
// byte of an input says which header it is.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include "federation/host_port.h"

#include "fuzz/require.h"
#include "https/http_head.h"

namespace {

using namespace federation::https;
using federation::fuzz::Require;

constexpr std::size_t kBodyBytesMax = 1000;

// What a value means as a number, by rules of its own.
std::optional<std::uint64_t> NumberOf(const std::string& value) {
  if (value.empty() || value.size() > 18) return std::nullopt;
  if (value.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return std::stoull(value);
}

// Values begin and end without white space (RFC 9110, section 5.5).
std::string Trimmed(std::string_view value) {
  const std::size_t first = value.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return std::string(value.substr(first, value.find_last_not_of(" \t") - first + 1));
}

std::variant<RequestHead, Problem> ParseRequest(std::string_view name, std::string_view value) {
  std::string head = "POST / HTTP/1.1\r\n";
  if (name != "Host") head += "Host: b.test\r\n";
  if (name != "Content-Length") head += "Content-Length: 5\r\n";
  head.append(name).append(":").append(value).append("\r\n\r\n");
  return ParseRequestHead(head, kBodyBytesMax);
}

void CheckLength(const RequestHead* request, const std::string& value) {
  const std::optional<std::uint64_t> number = NumberOf(value);
  const bool wanted = number && *number <= kBodyBytesMax;
  Require((request != nullptr) == wanted);
  Require(!wanted || request->content_length_bytes == *number);
}

void CheckTimeout(const RequestHead* request, const std::string& value) {
  const std::optional<std::uint64_t> number = NumberOf(value);
  Require((request != nullptr) == number.has_value());
  Require(!number || static_cast<std::uint64_t>(request->timeout.value().count()) == *number);
}

void CheckOrigin(const RequestHead* request, const std::string& value) {
  Require(request == nullptr || request->origin == value);
}

void CheckHost(const RequestHead* request, const std::string& value) {
  if (request == nullptr) return;
  Require(federation::HostPort::Parse(value).ok() || federation::HostPort::Parse(value + ":1").ok());
}

void CheckExpect(const RequestHead* request, const std::string& value) {
  Require((request != nullptr) == absl::EqualsIgnoreCase(value, "100-continue"));
  Require(request == nullptr || request->expects_continue);
}

void CheckType(const RequestHead* request, const std::string& value) {
  if (request == nullptr) return;
  Require(request->content_type == absl::AsciiStrToLower(Trimmed(value.substr(0, value.find(';')))));
}

struct Header {
  std::string_view name;
  void (*check)(const RequestHead* request, const std::string& value);
};

constexpr Header kHeaders[] = {
    {"Content-Length", &CheckLength},
    {"Federation-Timeout", &CheckTimeout},
    {"Federation-Origin", &CheckOrigin},
    {"Host", &CheckHost},
    {"Expect", &CheckExpect},
    {"Content-Type", &CheckType},
};

void CheckRetryAfter(const std::string& value) {
  const absl::StatusOr<AnswerHead> answer = ParseAnswerHead(
      absl::StrCat("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After:", value, "\r\n\r\n"),
      kBodyBytesMax);
  if (!answer.ok()) return;
  const std::optional<std::uint64_t> number = NumberOf(Trimmed(value));
  Require(answer->retry_after.has_value() == number.has_value());
  Require(!number || static_cast<std::uint64_t>(answer->retry_after->count()) == *number);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string value(reinterpret_cast<const char*>(data) + 1, size - 1);
  // What is more than one line is the other target's business.
  if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) return 0;
  const std::size_t which = data[0] % (std::size(kHeaders) + 1);
  if (which == std::size(kHeaders)) {
    CheckRetryAfter(value);
    return 0;
  }
  const Header& header = kHeaders[which];
  const std::variant<RequestHead, Problem> parsed = ParseRequest(header.name, value);
  header.check(std::get_if<RequestHead>(&parsed), Trimmed(value));
  return 0;
}
