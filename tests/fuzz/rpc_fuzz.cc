// Whatever bytes a peer sends as a request or as an answer: each parser refuses them with words, or what it
// read can be written and read again.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "federation/rpc_codec.h"
#include "federation/v1/rpc.federation.h"
#include "federation/v1/updates.federation.h"

#include "fuzz/require.h"
#include "rpc/answer.h"
#include "rpc/request.h"

namespace {

using federation::fuzz::Require;
namespace json = federation::json;
namespace rpc = federation::rpc;
namespace v1 = federation::v1;

void CheckRequest(std::string_view body) {
  std::string method;
  const std::optional<json::DecodeError> error = rpc::ParseMethod(body, &method);
  if (error.has_value()) {
    Require(error->offset_bytes <= body.size() && !error->what.empty());
    return;
  }
  // A request for the same method, written by a client, is read as one.
  const absl::StatusOr<std::string> again = rpc::EncodeRequest(method, v1::Typing());
  std::string method_again;
  Require(again.ok() && !rpc::ParseMethod(*again, &method_again).has_value() && method_again == method);
}

void CheckAnswer(std::string_view body) {
  const absl::Status status = rpc::ParseAnswer(body);
  // An answer with a result that is read by its type is an answer.
  const absl::StatusOr<v1::Message> answer = rpc::DecodeAnswer<v1::Message>(body, {});
  if (answer.ok()) Require(status.ok());
  if (status.ok()) return;
  // A failure that is passed on stays a failure, of the same code.
  const absl::Status passed_on = rpc::ParseAnswer(rpc::FormatFailure(status));
  Require(passed_on.code() == status.code());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  CheckRequest(body);
  CheckAnswer(body);
  return 0;
}
