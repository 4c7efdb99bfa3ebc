#include "fedctl/command.h"

#include <cstdio>

namespace federation::fedctl {

CLI::App* AddCommand(CLI::App& parent, const char* name, const char* help, Command run, CommandLine& line) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->fallthrough();
  command->callback([&line, run] { line.command = run; });
  return command;
}

CLI::App* AddGroup(CLI::App& parent, const char* name, const char* help) {
  CLI::App* group = parent.add_subcommand(name, help);
  group->fallthrough();
  group->require_subcommand(1);
  return group;
}

void AddJsonFlag(CLI::App& command, CommandLine& line) {
  command.add_flag("--json", line.arguments.json, "One JSON object a line, for programs");
}

void Print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace federation::fedctl
