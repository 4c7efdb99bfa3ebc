#pragma once

#include <CLI/CLI.hpp>

#include "fedctl/command.h"

namespace federation::fedctl {

// `resolve DOMAIN`.
void AddResolveCommand(CLI::App& app, CommandLine& line);

}  // namespace federation::fedctl
