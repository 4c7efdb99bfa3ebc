#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/status.h>

namespace federation::rpc {

// The answer to a request that failed: `{"result":"wait",...}` for a status that says when to come again,
// else `{"result":"error",...}`. `failure` is not ok.
std::string FormatFailure(const absl::Status& failure);

// What an answer says of the request: ok if its result is `ok`, whatever its other keys hold; the status of
// an `error`, whose code is unknown if it is no name of a gRPC status code; unavailable with RetryAfter for
// `wait`. Internal, with the place, if it is no answer.
absl::Status ParseAnswer(std::string_view body);

// What an HTTP answer that is not 200 says of the request, in the peer's own `words`; unavailable is the only
// code of it that may be cured by coming again.
absl::Status StatusOfHttp(int http_status, std::optional<std::chrono::seconds> retry_after,
                          std::string_view words);

}  // namespace federation::rpc
