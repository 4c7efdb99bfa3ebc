#pragma once

#include <CLI/CLI.hpp>

#include "fedctl/command.h"

namespace federation::fedctl {

// `links`, and `link show|pause|resume|wake|reset`.
void AddLinkCommands(CLI::App& app, CommandLine& line);

}  // namespace federation::fedctl
