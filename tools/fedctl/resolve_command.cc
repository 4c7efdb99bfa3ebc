#include "fedctl/resolve_command.h"

#include "fedctl/format.h"

namespace federation::fedctl {
namespace {

absl::Status Resolve(AdminClient& client, const Arguments& arguments) {
  const absl::StatusOr<admin::v1::ResolveResponse> found = client.Resolve(arguments.domain, arguments.fresh);
  if (!found.ok()) return found.status();
  Print(arguments.json ? ResolveJson(*found) : ResolveText(*found));
  if (found->error().empty()) return absl::OkStatus();
  return absl::NotFoundError(found->domain() + ": " + found->error());
}

}  // namespace

void AddResolveCommand(CLI::App& app, CommandLine& line) {
  CLI::App* command =
      AddCommand(app, "resolve", "Show where the server of a domain is, and why", Resolve, line);
  command->add_option("DOMAIN", line.arguments.domain, "The domain")->required();
  command->add_flag("--fresh", line.arguments.fresh,
                    "Look for it again, in the place of what the node remembers");
  AddJsonFlag(*command, line);
}

}  // namespace federation::fedctl
