#include "fedctl/link_commands.h"

#include <absl/time/clock.h>

#include "fedctl/format.h"

namespace federation::fedctl {
namespace {

absl::Status List(AdminClient& client, const Arguments& arguments) {
  const absl::StatusOr<admin::v1::ListLinksResponse> links = client.ListLinks();
  if (!links.ok()) return links.status();
  Print(arguments.json ? LinksJson(*links) : LinksTable(*links, absl::Now()));
  return absl::OkStatus();
}

absl::Status Show(AdminClient& client, const Arguments& arguments) {
  const absl::StatusOr<admin::v1::Link> link = client.GetLink(arguments.domain);
  if (!link.ok()) return link.status();
  Print(arguments.json ? LinkJson(*link) : LinkText(*link, absl::Now()));
  return absl::OkStatus();
}

// One of the calls that answer with the link as it is then.
template <absl::StatusOr<admin::v1::Link> (AdminClient::*kChange)(const std::string&)>
absl::Status Change(AdminClient& client, const Arguments& arguments) {
  const absl::StatusOr<admin::v1::Link> link = (client.*kChange)(arguments.domain);
  if (!link.ok()) return link.status();
  Print(arguments.json ? LinkJson(*link) : LinkStateText(*link));
  return absl::OkStatus();
}

absl::Status Reset(AdminClient& client, const Arguments& arguments) {
  const absl::StatusOr<admin::v1::ResetLinkResponse> reset = client.ResetLink(arguments.domain);
  if (!reset.ok()) return reset.status();
  Print(arguments.json ? ResetJson(*reset) : ResetText(*reset));
  return absl::OkStatus();
}

struct LinkCommand {
  const char* name;
  Command run;
  const char* help;
};

constexpr LinkCommand kLinkCommands[] = {
    {"show", Show, "Show all that is known of the link"},
    {"pause", Change<&AdminClient::PauseLink>,
     "Send nothing until `link resume`, restarts of the node included; strong updates wait"},
    {"resume", Change<&AdminClient::ResumeLink>, "Send again"},
    {"wake", Change<&AdminClient::WakeLink>,
     "Try at once, instead of at the end of the pause after a failure; a `wait` of the peer is kept to"},
    {"reset", Reset,
     "Give up all updates that wait, and forget the failures; the destination gets `expired` for each"},
};

}  // namespace

void AddLinkCommands(CLI::App& app, CommandLine& line) {
  AddJsonFlag(*AddCommand(app, "links", "Show how the delivery to each destination stands", List, line),
              line);
  CLI::App* group = AddGroup(app, "link", "Look at the delivery to one destination, or change it");
  for (const LinkCommand& row : kLinkCommands) {
    CLI::App* command = AddCommand(*group, row.name, row.help, row.run, line);
    command->add_option("DOMAIN", line.arguments.domain, "The destination")->required();
    AddJsonFlag(*command, line);
  }
}

}  // namespace federation::fedctl
