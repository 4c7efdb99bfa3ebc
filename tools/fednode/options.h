#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

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
  // Patterns of domains, one a line, for NodeOptions::access; empty: no such list.
  std::string allow_path;
  std::string deny_path;
  // The users that search_users finds; empty: nobody.
  std::string users_path;
  spdlog::level::level_enum log_level = spdlog::level::info;
  // Of the domains after the first one, what each has of its own: the domain, its certificate and key, the
  // store, the admin socket and the address of its metrics.
  std::vector<Options> more_domains{};
};

// Text that was asked for instead of a running node: --help or --version.
struct Notice {
  std::string text;
};

// Reads the command line, and the TOML file that --config names. What stands on the command line goes before
// the file. Errors: invalid argument that names the option or the key, for unknown ones too.
absl::StatusOr<std::variant<Options, Notice>> ParseCommandLine(int argc, const char* const* argv);

}  // namespace federation::fednode
