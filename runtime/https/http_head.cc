#include "https/http_head.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <tuple>
#include <utility>

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "directory/text.h"
#include "https/strict_head.h"

namespace federation::https {
namespace {

namespace http = boost::beast::http;

constexpr char kOriginField[] = "Federation-Origin";
constexpr char kDestinationField[] = "Federation-Destination";
constexpr char kTimeoutField[] = "Federation-Timeout";
constexpr char kRelayField[] = "Federation-Relay";
constexpr char kHopsField[] = "Federation-Hops";

// Fields are in memory of their own, which is had and given back as a whole: most heads fit into its first
// part, and none is larger than HttpLimits::header_bytes_max.
using Allocator = std::pmr::polymorphic_allocator<char>;
using Fields = http::basic_fields<Allocator>;

// Takes a head apart. The parser is told that there is no body: it never sees one.
template <bool is_request>
class HeadParser {
 public:
  boost::system::error_code Parse(std::string_view head) {
    parser_.skip(true);
    parser_.header_limit(static_cast<std::uint32_t>(head.size() + 1));
    boost::system::error_code error;
    parser_.put(boost::asio::const_buffer(head.data(), head.size()), error);
    if (!error && !parser_.is_done()) error = http::error::partial_message;
    return error;
  }
  const http::header<is_request, Fields>& head() const { return parser_.get(); }
  bool keep_alive() const { return parser_.keep_alive(); }

 private:
  static constexpr std::size_t kMostBytes = 2048;

  std::array<std::byte, kMostBytes> first_;
  std::pmr::monotonic_buffer_resource memory_{first_.data(), first_.size()};
  http::parser<is_request, http::empty_body, Allocator> parser_{std::piecewise_construct, std::make_tuple(),
                                                                std::make_tuple(Allocator(&memory_))};
};

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

// The fields that are looked at.
enum Known {
  kHost,
  kContentLength,
  kTransferEncoding,
  kContentType,
  kExpect,
  kRetryAfter,
  kOrigin,
  kDestination,
  kTimeout,
  kRelay,
  kHops,
  kKnownCount
};

// How often each is there, and its first value. Looked for in one walk over the fields: to find one by its
// name costs as much.
class KnownFields {
 public:
  explicit KnownFields(const Fields& fields) {
    for (const auto& field : fields) {
      const std::optional<Known> known = KnownOf(field);
      if (!known) continue;
      Entry& entry = entries_.at(*known);
      if (entry.count++ == 0) entry.value = View(field.value());
    }
  }

  std::size_t Count(Known name) const { return entries_.at(name).count; }
  // Empty where there is none.
  std::string_view Value(Known name) const { return entries_.at(name).value; }
  std::optional<std::string> Find(Known name) const {
    if (Count(name) == 0) return std::nullopt;
    return std::string(Value(name));
  }

 private:
  struct Entry {
    std::size_t count = 0;
    std::string_view value;
  };

  static std::optional<Known> KnownOf(const Fields::value_type& field) {
    switch (field.name()) {
      case http::field::host:
        return kHost;
      case http::field::content_length:
        return kContentLength;
      case http::field::transfer_encoding:
        return kTransferEncoding;
      case http::field::content_type:
        return kContentType;
      case http::field::expect:
        return kExpect;
      case http::field::retry_after:
        return kRetryAfter;
      case http::field::unknown:
        if (boost::beast::iequals(field.name_string(), kOriginField)) return kOrigin;
        if (boost::beast::iequals(field.name_string(), kDestinationField)) return kDestination;
        if (boost::beast::iequals(field.name_string(), kTimeoutField)) return kTimeout;
        if (boost::beast::iequals(field.name_string(), kRelayField)) return kRelay;
        if (boost::beast::iequals(field.name_string(), kHopsField)) return kHops;
        return std::nullopt;
      default:
        return std::nullopt;
    }
  }

  std::array<Entry, kKnownCount> entries_;
};

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
std::string MediaType(const KnownFields& fields) {
  const std::string_view value = fields.Value(kContentType);
  std::string type(value.substr(0, value.find(';')));
  absl::StripAsciiWhitespace(&type);
  absl::AsciiStrToLower(&type);
  return type;
}

// A request's head, taken apart.
struct ParsedRequest {
  explicit ParsedRequest(const http::request_header<Fields>& given)
      : head(given),
        fields(given),
        path(PathOf(View(head.method_string()), View(head.target()), fields.Value(kHost))) {}
  const http::request_header<Fields>& head;
  const KnownFields fields;
  // See PathOf.
  std::optional<std::string> path;
};

// What makes a well-formed request one that is refused. The first row that applies gives the answer.
struct RequestRule {
  bool (*broken)(const ParsedRequest& request);
  int status;
  const char* detail;
};

template <Known name>
bool IsMalformedNumber(const ParsedRequest& request) {
  return request.fields.Count(name) > 0 && !ParseNumber(request.fields.Value(name));
}

template <Known name>
bool IsRepeated(const ParsedRequest& request) {
  return request.fields.Count(name) > 1;
}

bool HasTransferEncoding(const ParsedRequest& request) {
  return request.fields.Count(kTransferEncoding) != 0;
}

bool LacksLength(const ParsedRequest& request) {
  return request.head.method() == http::verb::post && request.fields.Count(kContentLength) == 0;
}

// One host, whose name is one (RFC 9112, section 3.2).
bool LacksHost(const ParsedRequest& request) {
  return request.fields.Count(kHost) != 1 || !IsHost(request.fields.Value(kHost));
}

bool HasNoPath(const ParsedRequest& request) { return !request.path; }

// HTTP/1.0 knows no Expect (RFC 9110, section 10.1.1).
bool ExpectsSomethingElse(const ParsedRequest& request) {
  if (request.head.version() != 11 || request.fields.Count(kExpect) == 0) return false;
  const std::string_view value = request.fields.Value(kExpect);
  return request.fields.Count(kExpect) != 1 ||
         !absl::EqualsIgnoreCase(directory::ToAbsl(value), "100-continue");
}

bool LacksOrigin(const ParsedRequest& request) {
  return request.fields.Count(kRelay) == 1 && request.fields.Count(kOrigin) == 0;
}

// Who does not count them makes a loop of relays that never ends.
bool LacksHops(const ParsedRequest& request) {
  if (request.fields.Count(kRelay) == 0) return false;
  const std::uint64_t hops = ParseNumber(request.fields.Value(kHops)).value_or(0);
  return hops < 1 || hops > 99;
}

constexpr RequestRule kRequestRules[] = {
    {&HasTransferEncoding, 411, "Transfer-Encoding is not supported: want Content-Length"},
    {&LacksHost, 400, "want exactly one Host"},
    {&HasNoPath, 400, "want a target that is a path, or the whole URL of one at Host"},
    {&IsRepeated<kContentLength>, 400, "want one Content-Length, got several"},
    {&IsMalformedNumber<kContentLength>, 400, "Content-Length: want a number"},
    {&LacksLength, 411, "want Content-Length"},
    {&IsRepeated<kContentType>, 400, "want one Content-Type, got several"},
    {&ExpectsSomethingElse, 417, "Expect: want 100-continue"},
    {&IsRepeated<kOrigin>, 400, "want one Federation-Origin, got several"},
    {&IsRepeated<kDestination>, 400, "want one Federation-Destination, got several"},
    {&IsRepeated<kTimeout>, 400, "want one Federation-Timeout, got several"},
    {&IsMalformedNumber<kTimeout>, 400, "Federation-Timeout: want a number of milliseconds"},
    {&IsRepeated<kRelay>, 400, "want one Federation-Relay, got several"},
    {&IsRepeated<kHops>, 400, "want one Federation-Hops, got several"},
    {&LacksOrigin, 400, "Federation-Relay: want Federation-Origin, too"},
    {&LacksHops, 400, "Federation-Hops: want a number from 1 to 99 with Federation-Relay"},
};

// Beast itself finds some of the faults with lengths, before the rules are asked.
Problem ProblemOf(boost::system::error_code error, const Fields& fields) {
  const bool transfer_encoding = error == http::error::bad_transfer_encoding ||
                                 error == http::error::bad_chunk ||
                                 fields.count(http::field::transfer_encoding) != 0;
  if (transfer_encoding) return {.status = kRequestRules[0].status, .detail = kRequestRules[0].detail};
  return {.status = 400, .detail = absl::StrCat("malformed request: ", error.message())};
}

}  // namespace

HeadFinder::State HeadFinder::Find(std::string_view bytes) {
  for (std::size_t line_feed = bytes.find('\n', searched_bytes_); line_feed != std::string_view::npos;
       line_feed = bytes.find('\n', searched_bytes_)) {
    searched_bytes_ = line_feed + 1;
    if (searched_bytes_ > head_bytes_max_) return State::kTooLong;
    // The first line and the empty one are no fields.
    if (++lines_ > fields_max_ + 2) return State::kTooLong;
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
  std::string_view fault = FindByteFault(head);
  if (fault.empty()) fault = FindRequestLineFault(head);
  if (!fault.empty()) {
    return Problem{.status = 400, .detail = absl::StrCat("malformed request: ", directory::ToAbsl(fault))};
  }
  HeadParser<true> parser;
  const boost::system::error_code error = parser.Parse(head);
  if (error) return ProblemOf(error, parser.head());
  ParsedRequest parsed(parser.head());
  for (const RequestRule& rule : kRequestRules) {
    if (rule.broken(parsed)) return Problem{.status = rule.status, .detail = rule.detail};
  }

  const KnownFields& fields = parsed.fields;
  RequestHead request;
  request.content_length_bytes = ParseNumber(fields.Value(kContentLength)).value_or(0);
  if (request.content_length_bytes > body_bytes_max) {
    return Problem{.status = 413,
                   .detail = absl::StrCat("want a body of at most ", body_bytes_max, " bytes, got one of ",
                                          request.content_length_bytes)};
  }
  request.method = View(parsed.head.method_string());
  request.target = std::move(parsed.path).value_or("");
  request.http_1_1 = parsed.head.version() == 11;
  request.keep_alive = parser.keep_alive();
  request.expects_continue = request.http_1_1 && fields.Count(kExpect) == 1;
  request.content_type = MediaType(fields);
  request.origin = fields.Find(kOrigin);
  request.destination = fields.Find(kDestination);
  request.relay = fields.Find(kRelay);
  if (request.relay) request.hops = static_cast<int>(ParseNumber(fields.Value(kHops)).value_or(0));
  if (fields.Count(kTimeout) > 0) {
    request.timeout = std::chrono::milliseconds(ParseNumber(fields.Value(kTimeout)).value_or(0));
  }
  return request;
}

absl::StatusOr<AnswerHead> ParseAnswerHead(std::string_view head, std::size_t body_bytes_max) {
  const auto fault = [](const std::string& what) {
    return absl::UnavailableError(absl::StrCat("the answer is refused: ", what));
  };
  if (const std::string_view byte_fault = FindByteFault(head); !byte_fault.empty()) {
    return fault(std::string(byte_fault));
  }
  HeadParser<false> parser;
  const boost::system::error_code error = parser.Parse(head);
  const KnownFields fields(parser.head());
  if (fields.Count(kTransferEncoding) != 0 || error == http::error::bad_transfer_encoding) {
    return fault("want Content-Length, got Transfer-Encoding");
  }
  if (error) return fault(error.message());

  AnswerHead answer;
  answer.status = static_cast<int>(parser.head().result_int());
  // Others are invalid (RFC 9110, section 15), and a lower one would pass for interim.
  if (answer.status < 100 || answer.status > 599) return fault("want a status from 100 to 599");
  if (answer.status == 101) return fault("want HTTP/1.1, got another protocol");
  answer.keep_alive = parser.keep_alive();
  answer.content_type = MediaType(fields);
  const std::optional<std::uint64_t> retry_after = ParseNumber(fields.Value(kRetryAfter));
  if (retry_after) answer.retry_after = std::chrono::seconds(*retry_after);
  // These have no body, whatever they say (RFC 9112, section 6.3).
  if (answer.is_interim() || answer.status == 204 || answer.status == 304) return answer;

  if (fields.Count(kContentLength) != 1) return fault("want one Content-Length, got none or several");
  const std::optional<std::uint64_t> length = ParseNumber(fields.Value(kContentLength));
  if (!length) return fault("Content-Length: want a number");
  if (*length > body_bytes_max) {
    return fault(absl::StrCat("want a body of at most ", body_bytes_max, " bytes, got one of ", *length));
  }
  answer.content_length_bytes = *length;
  return answer;
}

}  // namespace federation::https
