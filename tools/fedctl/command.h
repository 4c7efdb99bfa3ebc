#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <absl/status/status.h>

#include "fedctl/admin_client.h"

namespace federation::fedctl {

// What stands on the command line; each command has some of it.
struct Arguments {
  std::string admin;
  // A destination or an origin.
  std::string domain;
  std::string update;
  std::vector<std::int64_t> ids;
  bool all = false;
  bool fresh = false;
  bool json = false;
  std::string method;
  std::string request = "{}";
  double timeout_s = 30;
};

// Prints what came of it on stdout. What it returns is for stderr and the exit code.
using Command = absl::Status (*)(AdminClient& client, const Arguments& arguments);

// Where the commands are added: parsing fills `arguments`, and `command` with the one that was chosen.
struct CommandLine {
  Arguments arguments;
  Command command = nullptr;
};

// A command below `parent`.
CLI::App* AddCommand(CLI::App& parent, const char* name, const char* help, Command run, CommandLine& line);
// A group of commands, one of which must follow.
CLI::App* AddGroup(CLI::App& parent, const char* name, const char* help);
// The flag --json of a command that prints something else without it.
void AddJsonFlag(CLI::App& command, CommandLine& line);

// Writes to stdout at once.
void Print(const std::string& text);

}  // namespace federation::fedctl
