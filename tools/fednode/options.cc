#include "fednode/options.h"

#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "admin/unix_socket.h"
#include "fednode/toml_config.h"

namespace federation::fednode {
namespace {

constexpr std::string_view kStoreScheme = "sqlite:";

constexpr std::pair<std::string_view, spdlog::level::level_enum> kLogLevels[] = {
    {"debug", spdlog::level::debug}, {"info", spdlog::level::info}, {"warn", spdlog::level::warn},
    {"error", spdlog::level::err},   {"off", spdlog::level::off},
};

// Each Set function reads the text of one option, once for each time that it stands, into the options.
using Set = absl::Status (*)(std::string_view text, Options& options);

absl::Status SetText(std::string_view text, std::string* value) {
  if (text.empty()) return absl::InvalidArgumentError("want a text, got an empty one");
  *value = text;
  return absl::OkStatus();
}

template <typename Number>
bool ParseNumber(std::string_view text, Number* number) {
  const char* end = text.data() + text.size();
  std::from_chars_result result = std::from_chars(text.data(), end, *number);
  return result.ec == std::errc() && result.ptr == end;
}

absl::Status SetDomain(std::string_view text, Options& options) {
  return SetText(text, &options.node.domain);
}
absl::Status SetCertificate(std::string_view text, Options& options) {
  return SetText(text, &options.node.tls.certificate);
}
absl::Status SetKey(std::string_view text, Options& options) {
  return SetText(text, &options.node.tls.private_key);
}
absl::Status SetAuthorities(std::string_view text, Options& options) {
  return SetText(text, &options.node.tls.authorities);
}

absl::Status SetListen(std::string_view text, Options& options) {
  absl::StatusOr<HostPort> address = HostPort::Parse(text);
  if (!address.ok()) return address.status();
  options.node.listen = *std::move(address);
  return absl::OkStatus();
}

absl::Status SetStore(std::string_view text, Options& options) {
  if (!text.starts_with(kStoreScheme) || text.size() == kStoreScheme.size()) {
    return absl::InvalidArgumentError(fmt::format("want sqlite:FILE, got \"{}\"", text));
  }
  options.store_path = text.substr(kStoreScheme.size());
  return absl::OkStatus();
}

absl::Status AddPeer(std::string_view text, Options& options) {
  std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return absl::InvalidArgumentError(fmt::format("want DOMAIN=HOST:PORT, got \"{}\"", text));
  }
  absl::StatusOr<HostPort> address = HostPort::Parse(text.substr(equals + 1));
  if (!address.ok()) return address.status();
  std::string domain(text.substr(0, equals));
  if (!options.node.peers.emplace(domain, *std::move(address)).second) {
    return absl::InvalidArgumentError(fmt::format("\"{}\" stands twice", domain));
  }
  return absl::OkStatus();
}

absl::Status AddAllowedAddress(std::string_view text, Options& options) {
  return SetText(text, &options.node.allowed_addresses.emplace_back());
}

absl::Status SetAdmin(std::string_view text, Options& options) {
  absl::StatusOr<std::string> path = admin::ParseAddress(text);
  if (!path.ok()) return path.status();
  options.admin_socket_path = *std::move(path);
  return absl::OkStatus();
}

absl::Status SetMetrics(std::string_view text, Options& options) {
  absl::StatusOr<HostPort> address = HostPort::Parse(text);
  if (!address.ok()) return address.status();
  options.metrics_listen = *std::move(address);
  return absl::OkStatus();
}

absl::Status SetMetricsLabels(std::string_view text, Options& options) {
  constexpr std::size_t kLabelsMax = 10'000;
  std::size_t& labels = options.metrics_labels_max;
  if (ParseNumber(text, &labels) && labels <= kLabelsMax) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("want a number from 0 to {}, got \"{}\"", kLabelsMax, text));
}

absl::Status SetHistory(std::string_view text, Options& options) {
  constexpr std::uint64_t kRowsMax = 1'000'000'000'000;
  std::uint64_t& rows = options.history_rows_max;
  if (ParseNumber(text, &rows) && rows <= kRowsMax) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("want a number of rows from 0 to {}, got \"{}\"", kRowsMax, text));
}

absl::Status SetHandlerThreads(std::string_view text, Options& options) {
  constexpr int kThreadsMax = 256;
  int& threads = options.node.handler_threads;
  if (ParseNumber(text, &threads) && threads >= 1 && threads <= kThreadsMax) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("want a number from 1 to {}, got \"{}\"", kThreadsMax, text));
}

absl::Status SetLogLevel(std::string_view text, Options& options) {
  for (const auto& [name, level] : kLogLevels) {
    if (name == text) {
      options.log_level = level;
      return absl::OkStatus();
    }
  }
  return absl::InvalidArgumentError(fmt::format("want debug, info, warn, error or off, got \"{}\"", text));
}

enum class Count { kOneNeeded, kOne, kAny };

struct OptionRow {
  const char* name;
  const char* value;
  Count count;
  const char* default_text;
  Set set;
  const char* help;
};

constexpr OptionRow kOptions[] = {
    {"--domain", "DOMAIN", Count::kOneNeeded, "", SetDomain,
     "The domain that the node speaks for, in lower case"},
    {"--listen", "HOST:PORT", Count::kOne, "0.0.0.0:9880", SetListen,
     "Where peers reach the node; port 0 takes a free one"},
    {"--tls-cert", "FILE", Count::kOneNeeded, "", SetCertificate,
     "PEM: the certificate of the domain, and the intermediate ones"},
    {"--tls-key", "FILE", Count::kOneNeeded, "", SetKey, "PEM: the certificate's private key"},
    {"--tls-ca", "FILE", Count::kOne, "", SetAuthorities,
     "PEM: the authorities that vouch for peers; without it those of the system"},
    {"--store", "sqlite:FILE", Count::kOneNeeded, "", SetStore,
     "The database that keeps numbers and updates; it is made if it is not there"},
    {"--peer", "DOMAIN=HOST:PORT", Count::kAny, "", AddPeer,
     "Where the server of a domain listens; repeatable"},
    {"--allow-address", "RANGE", Count::kAny, "", AddAllowedAddress,
     "A private range that names of peers may lead to, such as 127.0.0.0/8; repeatable"},
    {"--admin", "unix:FILE", Count::kOne, "", SetAdmin,
     "The socket on which fedctl talks to the node, open to the node's user only; without it there is none"},
    {"--metrics", "HOST:PORT", Count::kOne, "", SetMetrics,
     "Where Prometheus reads metrics, over plain HTTP and without authentication: on 127.0.0.1, or where all "
     "who can reach it may; port 0 takes a free one; without it there are none"},
    {"--metrics-labels", "COUNT", Count::kOne, "100", SetMetricsLabels,
     "How many links, and origins in quarantine, metrics tell apart; the others are summed up as `other`"},
    {"--history", "ROWS", Count::kOne, "1000000", SetHistory,
     "How many applied updates the table fednode_history keeps; 0 for none"},
    {"--handler-threads", "THREADS", Count::kOne, "8", SetHandlerThreads,
     "Threads that apply updates of peers"},
    {"--log-level", "LEVEL", Count::kOne, "info", SetLogLevel,
     "The least that is logged on stderr: debug, info, warn, error or off"},
};

void AddOption(CLI::App& app, const OptionRow& row, Options& options) {
  CLI::callback_t read = [&row, &options](const CLI::results_t& texts) {
    for (const std::string& text : texts) {
      absl::Status status = row.set(text, options);
      if (!status.ok()) throw CLI::ValidationError(row.name, std::string(status.message()));
    }
    return true;
  };
  CLI::Option* option = app.add_option(row.name, std::move(read), row.help);
  option->type_name(row.value)->default_str(row.default_text);
  if (row.count == Count::kOneNeeded) option->required();
  if (row.count == Count::kAny) option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void AddConfigFile(CLI::App& app) {
  app.set_config("--config", "", "TOML: options as keys, without the dashes; the command line goes before it")
      ->type_name("FILE");
  app.config_formatter(std::make_shared<TomlConfig>(app));
}

}  // namespace

absl::StatusOr<std::variant<Options, Notice>> ParseCommandLine(int argc, const char* const* argv) {
  CLI::App app(
      "A server of the federation: takes the standard updates from peers and delivers its own to them.\n",
      "fednode");
  app.get_formatter()->column_width(36);
  app.set_version_flag("--version", "fednode " FEDERATION_VERSION, "Print the version and exit");
  Options options;
  for (const OptionRow& row : kOptions) AddOption(app, row, options);
  AddConfigFile(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Notice{app.help()};
  } catch (const CLI::CallForVersion& version) {
    return Notice{fmt::format("{}\n", version.what())};
  } catch (const CLI::RequiredError& error) {
    // An option that is misspelt leaves another one missing: the misspelling is what helps.
    std::vector<std::string> unknown = app.remaining();
    return absl::InvalidArgumentError(unknown.empty() ? error.what() : CLI::ExtrasError(unknown).what());
  } catch (const CLI::FileError& error) {
    return absl::InvalidArgumentError(fmt::format("--config: {}", error.what()));
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(error.what());
  }
  return options;
}

}  // namespace federation::fednode
