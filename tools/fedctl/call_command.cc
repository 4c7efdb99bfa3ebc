#include "fedctl/call_command.h"

#include <fmt/format.h>

namespace federation::fedctl {
namespace {

// `PERMISSION_DENIED: not you`; an operator's scripts look for the first word.
std::string FailureText(const admin::v1::CallFailure& failure) {
  std::string text = fmt::format("{}: {}", failure.code(), failure.message());
  if (failure.retry_after_s() != 0) {
    text += fmt::format(" (may succeed in {} s)", failure.retry_after_s());
  } else if (failure.can_retry()) {
    text += " (may succeed later)";
  }
  return text;
}

absl::Status Call(AdminClient& client, const Arguments& arguments) {
  const std::chrono::milliseconds timeout(static_cast<std::int64_t>(arguments.timeout_s * 1000));
  const absl::StatusOr<admin::v1::CallPeerResponse> response =
      client.CallPeer(arguments.domain, arguments.method, arguments.request, timeout);
  if (!response.ok()) {
    // What the node itself says is told apart by the same word.
    return absl::Status(response.status().code(),
                        fmt::format("{}: {}", absl::StatusCodeToString(response.status().code()),
                                    std::string(response.status().message())));
  }
  if (response->has_failure()) return absl::UnknownError(FailureText(response->failure()));
  Print(response->answer() + "\n");
  return absl::OkStatus();
}

}  // namespace

void AddCallCommand(CLI::App& app, CommandLine& line) {
  CLI::App* command =
      AddCommand(app, "call", "Ask another server something, and print its answer", Call, line);
  command->add_option("DOMAIN", line.arguments.domain, "The domain of the server")->required();
  command
      ->add_option("METHOD", line.arguments.method, "A method of the standard schema, such as search_users")
      ->required();
  command
      ->add_option("REQUEST", line.arguments.request,
                   "The JSON of the request, such as {\"query\":\"steve\"}")
      ->default_str("{}");
  command->add_option("--timeout", line.arguments.timeout_s, "How long to wait for the answer, in seconds")
      ->check(CLI::Range(0.001, 3600.0))
      ->default_str("30");
}

}  // namespace federation::fedctl
