#pragma once

#include <CLI/CLI.hpp>

#include "fedctl/command.h"

namespace federation::fedctl {

// `call DOMAIN METHOD REQUEST`.
void AddCallCommand(CLI::App& app, CommandLine& line);

}  // namespace federation::fedctl
