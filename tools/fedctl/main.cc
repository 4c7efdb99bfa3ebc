#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <absl/status/status.h>

#include "admin/unix_socket.h"
#include "fedctl/admin_client.h"
#include "fedctl/call_command.h"
#include "fedctl/command.h"
#include "fedctl/format.h"
#include "fedctl/line_reader.h"
#include "fedctl/link_commands.h"
#include "fedctl/quarantine_commands.h"
#include "fedctl/resolve_command.h"
#include "fedctl/send.h"

namespace federation::fedctl {
namespace {

constexpr int kExitUsage = 2;
constexpr std::string_view kStandardInput = "-";

absl::Status SendCommand(AdminClient& client, const Arguments& arguments) {
  Sender sender(
      [&](std::vector<std::string> updates) { return client.Send(arguments.domain, std::move(updates)); });
  absl::Status status;
  if (arguments.update == kStandardInput) {
    LineReader lines(STDIN_FILENO);
    status = sender.SendLines(lines);
  } else {
    status = sender.Send({{1, arguments.update}}, [](const Line&) { return std::string("update"); });
  }
  // Also after a failure: the caller has to know from where to go on.
  Print(sender.accepted().ToString() + "\n");
  return status;
}

absl::Status TailCommand(AdminClient& client, const Arguments&) {
  return client.Tail([] { std::fputs("fedctl: reads along\n", stderr); },
                     [](const admin::v1::TailEvent& event) { Print(TailLines(event)); });
}

absl::Status RunCommand(const CommandLine& line) {
  absl::StatusOr<std::string> path = admin::ParseAddress(line.arguments.admin);
  if (!path.ok()) return path.status();
  absl::StatusOr<AdminClient> client = AdminClient::Connect(*path);
  if (!client.ok()) return client.status();
  return line.command(*client, line.arguments);
}

void AddCommands(CLI::App& app, CommandLine& line) {
  CLI::App* send =
      AddCommand(app, "send", "Hand updates to the node, for delivery to a destination", SendCommand, line);
  send->add_option("DESTINATION", line.arguments.domain, "The domain of the server that is to get them")
      ->required();
  send->add_option("UPDATE", line.arguments.update, "The update's JSON, or - for one update a line on stdin")
      ->required();
  AddLinkCommands(app, line);
  AddQuarantineCommands(app, line);
  AddResolveCommand(app, line);
  AddCallCommand(app, line);
  AddCommand(app, "tail", "Show updates as they come and go, one JSON object a line, until interrupted",
             TailCommand, line);
  app.require_subcommand(1);
}

// Returns the exit code where the command line asks for no command, or wrongly.
std::optional<int> Parse(int argc, char** argv, CommandLine& line) {
  CLI::App app("Talks to a running fednode.\n", "fedctl");
  app.get_formatter()->column_width(36);
  app.set_version_flag("--version", "fedctl " FEDERATION_VERSION, "Print the version and exit");
  auto is_address = [](const std::string& text) {
    return std::string(admin::ParseAddress(text).status().message());
  };
  app.add_option("--admin", line.arguments.admin, "The node's admin socket")
      ->type_name("unix:FILE")
      ->envname("FEDERATION_ADMIN")
      ->check(is_address)
      ->required();
  AddCommands(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EXIT_SUCCESS : kExitUsage;
  }
  return std::nullopt;
}

int Main(int argc, char** argv) {
  CommandLine line;
  if (std::optional<int> code = Parse(argc, argv, line)) return *code;
  absl::Status status = RunCommand(line);
  if (status.ok()) return EXIT_SUCCESS;
  std::fprintf(stderr, "fedctl: %s\n", std::string(status.message()).c_str());
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace federation::fedctl

int main(int argc, char** argv) { return federation::fedctl::Main(argc, argv); }
