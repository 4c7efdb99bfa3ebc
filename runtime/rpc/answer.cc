#include "rpc/answer.h"

#include <algorithm>
#include <cstdint>

#include <absl/strings/escaping.h>
#include <fmt/core.h>

#include "federation/json/codec.h"
#include "federation/json/object_reader.h"
#include "federation/rpc.h"
#include "federation/v1/rpc.federation.h"

#include "json/text.h"
#include "rpc/status.h"

namespace federation::rpc {
namespace {

// By the names that absl gives them, which are gRPC's. Ok is no failure: who says so is not understood.
absl::StatusCode CodeOfName(const std::string& name) {
  for (int code = 1; code <= static_cast<int>(absl::StatusCode::kUnauthenticated); ++code) {
    if (absl::StatusCodeToString(static_cast<absl::StatusCode>(code)) == name)
      return static_cast<absl::StatusCode>(code);
  }
  return absl::StatusCode::kUnknown;
}

absl::Status NoAnswer(const absl::Status& why) {
  return absl::InternalError(fmt::format("the answer is malformed: {}", std::string(why.message())));
}

absl::Status StatusOfFailure(const v1::RpcFailure& failure) {
  if (failure.has_wait()) {
    const std::uint64_t wait_s = std::min<std::uint64_t>(failure.wait().wait(), kRpcWaitMax.count());
    return Wait(std::chrono::seconds(wait_s));
  }
  const v1::RpcError& error = failure.error();
  return WithCanRetry(absl::Status(CodeOfName(error.code()), error.message()), error.can_retry());
}

struct HttpRow {
  int http_status;
  absl::StatusCode code;
};

constexpr HttpRow kHttpRows[] = {
    {400, absl::StatusCode::kInvalidArgument},   {401, absl::StatusCode::kUnauthenticated},
    {403, absl::StatusCode::kPermissionDenied},  {404, absl::StatusCode::kNotFound},
    {413, absl::StatusCode::kResourceExhausted}, {429, absl::StatusCode::kUnavailable},
    {503, absl::StatusCode::kUnavailable},
};

// Callers take no answer that is too long, and a failure must reach them.
constexpr std::size_t kMessageBytesMax = 4096;

}  // namespace

std::string FormatFailure(const absl::Status& failure) {
  v1::RpcFailure answer;
  const std::string message =
      json::Cut({failure.message().data(), failure.message().size()}, kMessageBytesMax);
  const std::optional<std::chrono::seconds> wait = RetryAfter(failure);
  if (wait.has_value()) {
    answer.mutable_wait()->set_wait(static_cast<std::uint64_t>(wait->count()));
  } else {
    v1::RpcError& error = *answer.mutable_error();
    error.set_code(absl::StatusCodeToString(failure.code()));
    error.set_message(message);
    error.set_can_retry(CanRetry(failure));
  }
  std::string body;
  if (json::Encode(answer, &body).ok()) return body;
  // The message of a handler need not be UTF-8.
  answer.mutable_error()->set_message(absl::CHexEscape(message));
  const absl::Status status = json::Encode(answer, &body);
  (void)status;  // the message is ASCII now
  return body;
}

absl::Status ParseAnswer(std::string_view body) {
  enum Result { kOk, kFailure };
  static constexpr json::Key kTagKey("result", 0);
  static constexpr json::EnumName kTags[] = {{"ok", kOk}, {"error", kFailure}, {"wait", kFailure}};
  json::Reader in(body);
  json::TaggedObjectReader tagged(in, kTagKey, kTags);
  if (tagged.tag() == json::TaggedObjectReader::kNoTag) return NoAnswer(in.error().ToStatus());
  if (tagged.tag() == kOk) return absl::OkStatus();
  v1::RpcFailure failure;
  const absl::Status status = json::Decode(body, &failure);
  return status.ok() ? StatusOfFailure(failure) : NoAnswer(status);
}

absl::Status StatusOfHttp(int http_status, std::optional<std::chrono::seconds> retry_after,
                          std::string_view words) {
  absl::StatusCode code = absl::StatusCode::kUnknown;
  for (const HttpRow& row : kHttpRows) {
    if (row.http_status == http_status) code = row.code;
  }
  absl::Status status(code, std::string(words));
  return code == absl::StatusCode::kUnavailable && retry_after ? WithRetryAfter(status, *retry_after)
                                                               : status;
}

}  // namespace federation::rpc
