#pragma once

#include <CLI/CLI.hpp>

#include "fedctl/command.h"

namespace federation::fedctl {

// `quarantine list|show|replay|drop`.
void AddQuarantineCommands(CLI::App& app, CommandLine& line);

}  // namespace federation::fedctl
