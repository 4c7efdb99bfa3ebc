// Whatever bytes a peer sends as the head of a request or of an answer: however they come, they are taken in
// the same way, and what is taken says once and clearly where it ends.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include "fuzz/require.h"
#include "https/http_head.h"

namespace {

using namespace federation::https;
using federation::fuzz::Require;

constexpr std::size_t kHeadBytesMax = 2000;
constexpr std::size_t kFieldsMax = 20;
constexpr std::size_t kBodyBytesMax = 1000;

// Fields of this name, as the simplest reader would count them.
int CountFields(std::string_view head, std::string_view name) {
  int count = 0;
  for (std::size_t line = head.find("\r\n"); line != std::string_view::npos;
       line = head.find("\r\n", line + 2)) {
    const std::string_view rest = head.substr(line + 2);
    if (rest.size() <= name.size() || rest[name.size()] != ':') continue;
    const std::string found = absl::AsciiStrToLower(std::string(rest.substr(0, name.size())));
    if (found == name) ++count;
  }
  return count;
}

bool HasControlByte(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char byte) {
    return byte != '\t' && absl::ascii_iscntrl(static_cast<unsigned char>(byte));
  });
}

// Where the head ends, when it comes in pieces of `step` bytes.
HeadFinder::State FindInPieces(std::string_view bytes, std::size_t step, std::size_t* head_bytes) {
  HeadFinder finder(kHeadBytesMax, kFieldsMax);
  HeadFinder::State state = HeadFinder::State::kPartial;
  for (std::size_t come = 0; state == HeadFinder::State::kPartial && come < bytes.size();) {
    come = std::min(come + step, bytes.size());
    state = finder.Find(bytes.substr(0, come));
  }
  *head_bytes = finder.head_bytes();
  return state;
}

void CheckRequest(std::string_view head) {
  const std::variant<RequestHead, Problem> parsed = ParseRequestHead(head, kBodyBytesMax);
  if (const Problem* problem = std::get_if<Problem>(&parsed)) {
    Require(problem->status >= 400 && problem->status < 500 && !problem->detail.empty());
    return;
  }
  const RequestHead& request = std::get<RequestHead>(parsed);
  Require(CountFields(head, "transfer-encoding") == 0);
  Require(CountFields(head, "host") == 1);
  Require(CountFields(head, "content-length") <= 1);
  Require(CountFields(head, "content-length") == 1 || request.content_length_bytes == 0);
  Require(request.content_length_bytes <= kBodyBytesMax);
  Require(request.target.starts_with('/') || request.target == "*");
  for (const std::string& text : {request.method, request.target, request.content_type,
                                  request.origin.value_or(""), request.destination.value_or("")}) {
    Require(!HasControlByte(text));
  }
  // What is passed on as it was understood is understood again.
  const std::string again =
      absl::StrCat(request.method, " ", request.target, request.http_1_1 ? " HTTP/1.1" : " HTTP/1.0",
                   "\r\nHost: b.test\r\nContent-Length: ", request.content_length_bytes, "\r\n\r\n");
  const std::variant<RequestHead, Problem> second = ParseRequestHead(again, kBodyBytesMax);
  const RequestHead* request_again = std::get_if<RequestHead>(&second);
  Require(request_again != nullptr && request_again->target == request.target &&
          request_again->content_length_bytes == request.content_length_bytes);
}

void CheckAnswer(std::string_view head) {
  const absl::StatusOr<AnswerHead> answer = ParseAnswerHead(head, kBodyBytesMax);
  if (!answer.ok()) return;
  Require(answer->status >= 100 && answer->status <= 599);
  Require(answer->content_length_bytes <= kBodyBytesMax);
  Require(CountFields(head, "transfer-encoding") == 0);
  const bool has_body = !answer->is_interim() && answer->status != 204 && answer->status != 304;
  Require(!has_body || CountFields(head, "content-length") == 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.empty()) return 0;
  std::size_t head_bytes = 0;
  const HeadFinder::State whole = FindInPieces(bytes, bytes.size(), &head_bytes);
  for (const std::size_t step : {1, 2, 7}) {
    std::size_t in_pieces = 0;
    Require(FindInPieces(bytes, step, &in_pieces) == whole && in_pieces == head_bytes);
  }
  if (whole != HeadFinder::State::kComplete) return 0;
  Require(head_bytes <= kHeadBytesMax);
  CheckRequest(bytes.substr(0, head_bytes));
  CheckAnswer(bytes.substr(0, head_bytes));
  return 0;
}
