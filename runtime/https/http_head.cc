#include "https/http_head.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

namespace federation::https {
namespace {

namespace http = boost::beast::http;

constexpr char kOriginField[] = "Federation-Origin";
constexpr char kDestinationField[] = "Federation-Destination";
constexpr char kTimeoutField[] = "Federation-Timeout";

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

template <typename Name>
std::size_t Count(const http::fields& fields, const Name& name) {
  const auto range = fields.equal_range(name);
  return static_cast<std::size_t>(std::distance(range.first, range.second));
}

template <typename Name>
std::optional<std::string> Find(const http::fields& fields, const Name& name) {
  const auto found = fields.find(name);
  if (found == fields.end()) return std::nullopt;
  return std::string(View(found->value()));
}

// Digits only (RFC 9110, section 8.6): no sign, no list of equal numbers. Fits any 18 digits.
std::optional<std::uint64_t> ParseNumber(std::string_view text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  std::uint64_t number = 0;
  for (const char digit : text) {
    if (!absl::ascii_isdigit(digit)) return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return number;
}

// `application/json; charset=utf-8` is the media type `application/json` (RFC 9110, section 8.3.1).
std::string MediaType(const http::fields& fields) {
  const std::string value = Find(fields, http::field::content_type).value_or("");
  std::string type = value.substr(0, value.find(';'));
  absl::StripAsciiWhitespace(&type);
  absl::AsciiStrToLower(&type);
  return type;
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// A line that goes on in the next one: refused (RFC 9112, section 5.2), as not all servers read it in the
// same way.
bool HasFoldedLine(std::string_view head) { return Contains(head, "\r\n ") || Contains(head, "\r\n\t"); }

// What makes a well-formed request one that is refused. The first row that applies gives the answer.
struct RequestRule {
  bool (*broken)(const http::request_header<>& head);
  int status;
  const char* detail;
};

bool LacksLength(const http::request_header<>& head) {
  return head.method() == http::verb::post && Count(head, http::field::content_length) == 0;
}

bool HasMalformedLength(const http::request_header<>& head) {
  const std::optional<std::string> length = Find(head, http::field::content_length);
  return length && !ParseNumber(*length);
}

bool HasMalformedTimeout(const http::request_header<>& head) {
  const std::optional<std::string> timeout = Find(head, kTimeoutField);
  return timeout && !ParseNumber(*timeout);
}

constexpr RequestRule kRequestRules[] = {
    {[](const auto& head) { return Count(head, http::field::transfer_encoding) != 0; }, 411,
     "Transfer-Encoding is not supported: want Content-Length"},
    {[](const auto& head) { return Count(head, http::field::host) != 1; }, 400, "want exactly one Host"},
    {[](const auto& head) { return Count(head, http::field::content_length) > 1; }, 400,
     "want one Content-Length, got several"},
    {&HasMalformedLength, 400, "Content-Length: want a number"},
    {&LacksLength, 411, "want Content-Length"},
    {[](const auto& head) { return Count(head, kOriginField) > 1; }, 400,
     "want one Federation-Origin, got several"},
    {[](const auto& head) { return Count(head, kDestinationField) > 1; }, 400,
     "want one Federation-Destination, got several"},
    {[](const auto& head) { return Count(head, kTimeoutField) > 1; }, 400,
     "want one Federation-Timeout, got several"},
    {&HasMalformedTimeout, 400, "Federation-Timeout: want a number of milliseconds"},
};

// Takes a head apart. The parser is told that there is no body: it never sees one.
template <typename Parser>
boost::system::error_code ParseHead(std::string_view head, Parser& parser) {
  parser.skip(true);
  parser.header_limit(static_cast<std::uint32_t>(head.size() + 1));
  boost::system::error_code error;
  parser.put(boost::asio::const_buffer(head.data(), head.size()), error);
  if (!error && !parser.is_done()) error = http::error::partial_message;
  return error;
}

// Beast itself finds some of the faults with lengths, before the rules are asked.
Problem ProblemOf(boost::system::error_code error, const http::fields& fields) {
  const bool transfer_encoding = error == http::error::bad_transfer_encoding ||
                                 error == http::error::bad_chunk ||
                                 Count(fields, http::field::transfer_encoding) != 0;
  if (transfer_encoding) return {.status = kRequestRules[0].status, .detail = kRequestRules[0].detail};
  return {.status = 400, .detail = absl::StrCat("malformed request: ", error.message())};
}

}  // namespace

HeadFinder::State HeadFinder::Find(std::string_view bytes) {
  for (std::size_t line_feed = bytes.find('\n', searched_bytes_); line_feed != std::string_view::npos;
       line_feed = bytes.find('\n', searched_bytes_)) {
    searched_bytes_ = line_feed + 1;
    if (searched_bytes_ > head_bytes_max_) return State::kTooLong;
    if (line_feed == 0 || bytes[line_feed - 1] != '\r') return State::kMalformed;
    if (bytes.substr(0, searched_bytes_).ends_with("\r\n\r\n")) {
      head_bytes_ = searched_bytes_;
      return State::kComplete;
    }
  }
  searched_bytes_ = bytes.size();
  return searched_bytes_ > head_bytes_max_ ? State::kTooLong : State::kPartial;
}

std::variant<RequestHead, Problem> ParseRequestHead(std::string_view head, std::size_t body_bytes_max) {
  if (HasFoldedLine(head))
    return Problem{.status = 400, .detail = "malformed request: a header line is folded"};
  http::request_parser<http::empty_body> parser;
  const boost::system::error_code error = ParseHead(head, parser);
  const auto& fields = parser.get();
  if (error) return ProblemOf(error, fields);
  for (const RequestRule& rule : kRequestRules) {
    if (rule.broken(fields)) return Problem{.status = rule.status, .detail = rule.detail};
  }

  RequestHead request;
  const std::string length = Find(fields, http::field::content_length).value_or("0");
  request.content_length_bytes = ParseNumber(length).value_or(0);
  if (request.content_length_bytes > body_bytes_max) {
    return Problem{.status = 413,
                   .detail = absl::StrCat("want a body of at most ", body_bytes_max, " bytes, got one of ",
                                          request.content_length_bytes)};
  }
  request.method = View(fields.method_string());
  request.target = View(fields.target());
  request.http_1_1 = fields.version() == 11;
  request.keep_alive = parser.keep_alive();
  request.expects_continue =
      request.http_1_1 && boost::beast::iequals(fields[http::field::expect], "100-continue");
  request.content_type = MediaType(fields);
  request.origin = Find(fields, kOriginField);
  request.destination = Find(fields, kDestinationField);
  if (const std::optional<std::string> timeout = Find(fields, kTimeoutField)) {
    request.timeout = std::chrono::milliseconds(ParseNumber(*timeout).value_or(0));
  }
  return request;
}

absl::StatusOr<AnswerHead> ParseAnswerHead(std::string_view head, std::size_t body_bytes_max) {
  const auto fault = [](const std::string& what) {
    return absl::UnavailableError(absl::StrCat("the answer is refused: ", what));
  };
  http::response_parser<http::empty_body> parser;
  const boost::system::error_code error = ParseHead(head, parser);
  const auto& fields = parser.get();
  if (Count(fields, http::field::transfer_encoding) != 0 || error == http::error::bad_transfer_encoding) {
    return fault("want Content-Length, got Transfer-Encoding");
  }
  if (error) return fault(error.message());

  AnswerHead answer;
  answer.status = static_cast<int>(fields.result_int());
  if (answer.status == 101) return fault("want HTTP/1.1, got another protocol");
  answer.keep_alive = parser.keep_alive();
  answer.content_type = MediaType(fields);
  const std::optional<std::uint64_t> retry_after =
      ParseNumber(Find(fields, http::field::retry_after).value_or(""));
  if (retry_after) answer.retry_after = std::chrono::seconds(*retry_after);
  // These have no body, whatever they say (RFC 9112, section 6.3).
  if (answer.is_interim() || answer.status == 204 || answer.status == 304) return answer;

  if (Count(fields, http::field::content_length) != 1)
    return fault("want one Content-Length, got none or several");
  const std::optional<std::uint64_t> length =
      ParseNumber(Find(fields, http::field::content_length).value_or(""));
  if (!length) return fault("Content-Length: want a number");
  if (*length > body_bytes_max) {
    return fault(absl::StrCat("want a body of at most ", body_bytes_max, " bytes, got one of ", *length));
  }
  answer.content_length_bytes = *length;
  return answer;
}

}  // namespace federation::https
