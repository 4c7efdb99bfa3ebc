#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include <absl/status/statusor.h>
#include <spdlog/common.h>

#include "federation/host_port.h"
#include "federation/node.h"

namespace federation::fednode {

// What the command line and the configuration file say. Well-formed; whether files exist and addresses are
// free is found out by those who open them.
struct Options {
  NodeOptions node;
  std::string store_path;
  // Empty: no admin service.
  std::string admin_socket_path;
  // Where metrics are served; none: nowhere.
  std::optional<HostPort> metrics_listen{};
  // How many links, and how many origins in quarantine, metrics tell apart.
  std::size_t metrics_labels_max = 100;
  // Rows of fednode_history; 0 keeps none.
  std::uint64_t history_rows_max = 1'000'000;
  spdlog::level::level_enum log_level = spdlog::level::info;
};

// Text that was asked for instead of a running node: --help or --version.
struct Notice {
  std::string text;
};

// Reads the command line, and the TOML file that --config names. What stands on the command line goes before
// the file. Errors: invalid argument that names the option or the key, for unknown ones too.
absl::StatusOr<std::variant<Options, Notice>> ParseCommandLine(int argc, const char* const* argv);

}  // namespace federation::fednode
