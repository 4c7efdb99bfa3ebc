#include "fednode/call.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "federation/json/codec.h"
#include "federation/v1/requests.federation.h"

namespace federation::fednode {
namespace {

using admin::v1::CallPeerRequest;
using admin::v1::CallPeerResponse;

// A longer one is no timeout.
constexpr std::chrono::milliseconds kTimeoutMax = std::chrono::hours{1};

void SetFailure(const absl::Status& status, CallPeerResponse* response) {
  admin::v1::CallFailure& failure = *response->mutable_failure();
  failure.set_code(absl::StatusCodeToString(status.code()));
  failure.set_message(std::string(status.message()));
  failure.set_can_retry(CanRetry(status));
  if (const auto delay = RetryAfter(status)) {
    failure.set_retry_after_s(static_cast<std::uint64_t>(delay->count()));
  }
}

template <typename Client, typename Request, typename Answer>
absl::StatusOr<CallPeerResponse> Make(RpcChannel& channel, const CallPeerRequest& request,
                                      absl::StatusOr<Answer> (Client::*method)(std::string_view,
                                                                               const Request&,
                                                                               const CallOptions&)) {
  json::DecodeOptions decode;
  decode.unknown_keys = json::DecodeOptions::UnknownKeys::kRefuse;
  Request typed;
  const absl::Status status = json::Decode(request.request(), &typed, decode);
  if (!status.ok()) {
    return absl::InvalidArgumentError(fmt::format("request: {}", std::string(status.message())));
  }
  CallOptions options;
  if (request.timeout_ms() != 0) {
    options.timeout = std::chrono::milliseconds(
        std::min<std::uint64_t>(request.timeout_ms(), static_cast<std::uint64_t>(kTimeoutMax.count())));
  }
  Client client(channel);
  const absl::StatusOr<Answer> answer = (client.*method)(request.destination(), typed, options);
  CallPeerResponse response;
  if (!answer.ok()) {
    SetFailure(answer.status(), &response);
    return response;
  }
  const absl::Status encoded = json::Encode(*answer, response.mutable_answer());
  if (!encoded.ok()) return encoded;
  return response;
}

struct MethodRow {
  std::string_view name;
  absl::StatusOr<CallPeerResponse> (*make)(RpcChannel&, const CallPeerRequest&);
};

constexpr MethodRow kMethods[] = {
    {"search_users",
     [](RpcChannel& channel, const CallPeerRequest& request) {
       return Make(channel, request, &v1::UsersClient::SearchUsers);
     }},
    {"fetch_state",
     [](RpcChannel& channel, const CallPeerRequest& request) {
       return Make(channel, request, &v1::ConversationsClient::FetchState);
     }},
};

}  // namespace

absl::StatusOr<CallPeerResponse> CallPeer(RpcChannel& channel, const CallPeerRequest& request) {
  std::string names;
  for (const MethodRow& row : kMethods) {
    if (row.name == request.method()) return row.make(channel, request);
    names += fmt::format("{}{}", names.empty() ? "" : " or ", row.name);
  }
  return absl::InvalidArgumentError(fmt::format("method: want {}, got \"{}\"", names, request.method()));
}

}  // namespace federation::fednode
