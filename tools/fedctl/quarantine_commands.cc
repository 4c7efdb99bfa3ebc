#include "fedctl/quarantine_commands.h"

#include <algorithm>

#include <absl/time/clock.h>
#include <fmt/format.h>

#include "fedctl/format.h"
#include "fedctl/text.h"

namespace federation::fedctl {
namespace {

using admin::v1::QuarantinedUpdate;
using admin::v1::Replayed;

absl::Status ListOrigins(AdminClient& client, const Arguments& arguments) {
  const absl::StatusOr<admin::v1::ListQuarantinesResponse> quarantines = client.ListQuarantines();
  if (!quarantines.ok()) return quarantines.status();
  Print(arguments.json ? QuarantinesJson(*quarantines) : QuarantinesTable(*quarantines));
  return absl::OkStatus();
}

absl::Status ListUpdates(AdminClient& client, const Arguments& arguments) {
  std::vector<QuarantinedUpdate> updates;
  for (bool more = true; more;) {
    const auto page =
        client.ListQuarantinedUpdates(arguments.domain, updates.empty() ? 0 : updates.back().id());
    if (!page.ok()) return page.status();
    updates.insert(updates.end(), page->updates().begin(), page->updates().end());
    more = page->more();
  }
  Print(arguments.json ? QuarantinedJson(updates) : QuarantinedTable(updates, absl::Now()));
  return absl::OkStatus();
}

absl::Status List(AdminClient& client, const Arguments& arguments) {
  return arguments.domain.empty() ? ListOrigins(client, arguments) : ListUpdates(client, arguments);
}

absl::Status Show(AdminClient& client, const Arguments& arguments) {
  const auto update = client.GetQuarantinedUpdate(arguments.domain, arguments.ids.front());
  if (!update.ok()) return update.status();
  Print(arguments.json ? QuarantinedUpdateJson(*update) : QuarantinedUpdateText(*update, absl::Now()));
  return absl::OkStatus();
}

absl::Status Replay(AdminClient& client, const Arguments& arguments) {
  const auto response = client.ReplayQuarantinedUpdates(arguments.domain, arguments.ids);
  if (!response.ok()) return response.status();
  Print(arguments.json ? ReplayJson(*response) : ReplayText(*response));
  const auto stay =
      std::count_if(response->replayed().begin(), response->replayed().end(),
                    [](const Replayed& replayed) { return replayed.result() != Replayed::RESULT_DONE; });
  if (stay == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format("{} not applied, still in quarantine",
                                                   Counted(static_cast<std::uint64_t>(stay), "update")));
}

absl::Status Drop(AdminClient& client, const Arguments& arguments) {
  const absl::StatusOr<std::uint64_t> dropped =
      client.DropQuarantinedUpdates(arguments.domain, arguments.ids);
  if (!dropped.ok()) return dropped.status();
  Print(arguments.json ? DropJson(arguments.domain, *dropped) : DropText(arguments.domain, *dropped));
  return absl::OkStatus();
}

void AddOrigin(CLI::App& command, CommandLine& line) {
  command.add_option("ORIGIN", line.arguments.domain, "The server that sent the updates")->required();
}

// A command for some updates of an origin or for all, which wants to be told so: no id stands for nothing.
void AddSelectiveCommand(CLI::App& parent, const char* name, const char* help, Command run,
                         CommandLine& line) {
  CLI::App* command = AddCommand(parent, name, help, run, line);
  AddOrigin(*command, line);
  CLI::Option* ids = command->add_option("ID", line.arguments.ids, "Which updates, by their ids");
  CLI::Option* all = command->add_flag("--all", line.arguments.all, "All updates of the origin");
  ids->excludes(all);
  command->callback([&line, run, ids, all] {
    if (ids->count() == 0 && all->count() == 0) throw CLI::RequiredError("ID or --all");
    line.command = run;
  });
  AddJsonFlag(*command, line);
}

}  // namespace

void AddQuarantineCommands(CLI::App& app, CommandLine& line) {
  CLI::App* group =
      AddGroup(app, "quarantine", "Look at updates that could not be applied, try again, or drop them");

  CLI::App* list = AddCommand(*group, "list", "List the origins, or the updates of one", List, line);
  list->add_option("ORIGIN", line.arguments.domain, "The server that sent the updates");
  AddJsonFlag(*list, line);

  CLI::App* show = AddCommand(*group, "show", "Show one update with its JSON", Show, line);
  AddOrigin(*show, line);
  show->add_option("ID", line.arguments.ids, "Its id in the list")->required()->expected(1);
  AddJsonFlag(*show, line);

  AddSelectiveCommand(*group, "replay", "Hand updates to their handler again; exits with 1 if one stays",
                      Replay, line);
  AddSelectiveCommand(*group, "drop", "Remove updates: they will never be applied", Drop, line);
}

}  // namespace federation::fedctl
