#pragma once

#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/limits.h"

#include "https/client.h"
#include "https/http_input.h"
#include "https/net.h"
#include "https/tls_stream.h"

// A client's side of one exchange: the bytes of a request, and the answer out of what arrives.
namespace federation::https {

// `bravo.test at 127.0.0.1:443`, or without the address where the call does not say it; `bravo.test through
// relay.test at ...`.
std::string Place(const Call& call);
// The status with the place before its words.
absl::Status AtPlace(const Call& call, const absl::Status& status);
// Deadline exceeded: `what` did not happen within the call's timeout.
absl::Status TimedOut(const Call& call, const char* what);

// The head of the request (RFC 9112), which the call's body follows. `own_domain`: who posts it.
std::string RequestHeadOf(const Call& call, const std::string& own_domain);

struct ReceivedAnswer {
  Answer answer;
  // Whether the connection stays open.
  bool keep_alive = false;
};

// Takes the next answer from `input`; interim ones are passed over. `answered`, if it is not null, is set as
// soon as a byte has come. From its first byte on an answer has as much time as a request would have
// (HttpLimits::header_timeout, body_timeout): one that dribbles is cut off. Errors, without the place: those
// of TlsStream::ReadSome, unavailable if the peer closed the connection, or its answer is refused or took too
// long.
Task<absl::StatusOr<ReceivedAnswer>> ReceiveAnswer(TlsStream& stream, HttpInput& input,
                                                   const HttpLimits& limits, bool* answered);

}  // namespace federation::https
