#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <absl/status/status.h>
#include <absl/time/clock.h>

#include "admin/unix_socket.h"
#include "fedctl/admin_client.h"
#include "fedctl/format.h"
#include "fedctl/line_reader.h"
#include "fedctl/send.h"

namespace federation::fedctl {
namespace {

constexpr int kExitUsage = 2;
constexpr std::string_view kStandardInput = "-";

struct Arguments {
  std::string admin;
  std::string destination;
  std::string update;
  bool json = false;
};

void Print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

absl::Status SendCommand(AdminClient& client, const Arguments& arguments) {
  Sender sender([&](std::vector<std::string> updates) {
    return client.Send(arguments.destination, std::move(updates));
  });
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

absl::Status LinksCommand(AdminClient& client, const Arguments& arguments) {
  absl::StatusOr<admin::v1::ListLinksResponse> links = client.ListLinks();
  if (!links.ok()) return links.status();
  Print(arguments.json ? LinksJson(*links) : LinksTable(*links, absl::Now()));
  return absl::OkStatus();
}

absl::Status TailCommand(AdminClient& client, const Arguments&) {
  return client.Tail([] { std::fputs("fedctl: reads along\n", stderr); },
                     [](const admin::v1::TailEvent& event) { Print(TailLines(event)); });
}

using Command = absl::Status (*)(AdminClient&, const Arguments&);

absl::Status RunCommand(Command command, const Arguments& arguments) {
  absl::StatusOr<std::string> path = admin::ParseAddress(arguments.admin);
  if (!path.ok()) return path.status();
  absl::StatusOr<AdminClient> client = AdminClient::Connect(*path);
  if (!client.ok()) return client.status();
  return command(*client, arguments);
}

void AddCommands(CLI::App& app, Arguments& arguments, Command* command) {
  auto add = [&](const char* name, const char* help, Command run) {
    CLI::App* subcommand = app.add_subcommand(name, help);
    subcommand->fallthrough();
    subcommand->callback([command, run] { *command = run; });
    return subcommand;
  };
  CLI::App* send = add("send", "Hand updates to the node, for delivery to a destination", SendCommand);
  send->add_option("DESTINATION", arguments.destination, "The domain of the server that is to get them")
      ->required();
  send->add_option("UPDATE", arguments.update, "The update's JSON, or - for one update a line on stdin")
      ->required();
  CLI::App* links = add("links", "Show how the delivery to each destination stands", LinksCommand);
  links->add_flag("--json", arguments.json, "One JSON object a line instead of a table");
  add("tail", "Show updates as they come and go, one JSON object a line, until interrupted", TailCommand);
  app.require_subcommand(1);
}

// Returns the exit code where the command line asks for no command, or wrongly.
std::optional<int> Parse(int argc, char** argv, Arguments& arguments, Command* command) {
  CLI::App app("Talks to a running fednode.\n", "fedctl");
  app.get_formatter()->column_width(36);
  app.set_version_flag("--version", "fedctl " FEDERATION_VERSION, "Print the version and exit");
  auto is_address = [](const std::string& text) {
    return std::string(admin::ParseAddress(text).status().message());
  };
  app.add_option("--admin", arguments.admin, "The node's admin socket")
      ->type_name("unix:FILE")
      ->envname("FEDERATION_ADMIN")
      ->check(is_address)
      ->required();
  AddCommands(app, arguments, command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EXIT_SUCCESS : kExitUsage;
  }
  return std::nullopt;
}

int Main(int argc, char** argv) {
  Arguments arguments;
  Command command = nullptr;
  if (std::optional<int> code = Parse(argc, argv, arguments, &command)) return *code;
  absl::Status status = RunCommand(command, arguments);
  if (status.ok()) return EXIT_SUCCESS;
  std::fprintf(stderr, "fedctl: %s\n", std::string(status.message()).c_str());
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace federation::fedctl

int main(int argc, char** argv) { return federation::fedctl::Main(argc, argv); }
