#include "fednode/options.h"

#include <charconv>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <absl/strings/str_split.h>
#include <fmt/format.h>

#include "admin/unix_socket.h"
#include "fednode/domains.h"
#include "fednode/toml_config.h"

namespace federation::fednode {
namespace {

constexpr std::string_view kStoreScheme = "sqlite:";

constexpr std::pair<std::string_view, spdlog::level::level_enum> kLogLevels[] = {
    {"debug", spdlog::level::debug}, {"info", spdlog::level::info}, {"warn", spdlog::level::warn},
    {"error", spdlog::level::err},   {"off", spdlog::level::off},
};

// Each Set function reads the text of one option, once for each time that it stands, into the options; where
// each domain has one of its own, into those of its domain.
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

// What stands before and behind the first `=`.
absl::StatusOr<std::pair<std::string, std::string>> SplitPair(std::string_view text, const char* wanted) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size()) {
    return absl::InvalidArgumentError(fmt::format("want {}, got \"{}\"", wanted, text));
  }
  return std::pair(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
}

absl::Status AddVia(std::string_view text, Options& options) {
  auto pair = SplitPair(text, "DESTINATION=RELAY");
  if (!pair.ok()) return pair.status();
  if (options.node.relay.via.insert(*pair).second) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("\"{}\" stands twice", pair->first));
}

absl::Status AddOrigins(std::string_view text, const char* wanted,
                        std::map<std::string, std::vector<std::string>, std::less<>>* rules) {
  auto pair = SplitPair(text, wanted);
  if (!pair.ok()) return pair.status();
  std::vector<std::string>& origins = (*rules)[pair->first];
  for (const absl::string_view origin : absl::StrSplit(pair->second, ',')) origins.emplace_back(origin);
  return absl::OkStatus();
}

absl::Status AddRelay(std::string_view text, Options& options) {
  return AddOrigins(text, "DESTINATION=ORIGIN[,ORIGIN]", &options.node.relay.serves);
}
absl::Status AddTrustedRelay(std::string_view text, Options& options) {
  return AddOrigins(text, "RELAY=ORIGIN[,ORIGIN]", &options.node.relay.trusted);
}

absl::Status AddAllowedAddress(std::string_view text, Options& options) {
  return SetText(text, &options.node.allowed_addresses.emplace_back());
}

absl::Status SetDiscovery(std::string_view text, Options& options) {
  if (text != "on" && text != "off") {
    return absl::InvalidArgumentError(fmt::format("want on or off, got \"{}\"", text));
  }
  options.node.discovery.enabled = text == "on";
  return absl::OkStatus();
}

absl::Status AddAddress(std::string_view text, std::vector<HostPort>* addresses) {
  absl::StatusOr<HostPort> address = HostPort::Parse(text);
  if (!address.ok()) return address.status();
  addresses->push_back(*std::move(address));
  return absl::OkStatus();
}

absl::Status AddDnsServer(std::string_view text, Options& options) {
  return AddAddress(text, &options.node.discovery.dns_servers);
}

absl::Status AddAnnounced(std::string_view text, Options& options) {
  return AddAddress(text, &options.node.discovery.announced);
}

absl::Status SetWellKnownPort(std::string_view text, Options& options) {
  std::uint16_t& port = options.node.discovery.well_known_port;
  if (ParseNumber(text, &port) && port != 0) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("want a number from 1 to 65535, got \"{}\"", text));
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

absl::Status SetAllow(std::string_view text, Options& options) { return SetText(text, &options.allow_path); }
absl::Status SetDeny(std::string_view text, Options& options) { return SetText(text, &options.deny_path); }
absl::Status SetUsers(std::string_view text, Options& options) { return SetText(text, &options.users_path); }

absl::Status SetPerSecond(std::string_view text, std::uint64_t* per_second) {
  constexpr std::uint64_t kPerSecondMax = 1'000'000'000'000;
  if (ParseNumber(text, per_second) && *per_second >= 1 && *per_second <= kPerSecondMax)
    return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("want a number from 1 to {}, got \"{}\"", kPerSecondMax, text));
}

absl::Status SetOriginRequests(std::string_view text, Options& options) {
  return SetPerSecond(text, &options.node.limits.origin.requests_per_second_max);
}
absl::Status SetOriginBytes(std::string_view text, Options& options) {
  return SetPerSecond(text, &options.node.limits.origin.bytes_per_second_max);
}
absl::Status SetOriginUpdates(std::string_view text, Options& options) {
  return SetPerSecond(text, &options.node.limits.inbox.updates_per_second_max);
}

absl::Status SetThreads(std::string_view text, int* threads) {
  constexpr int kThreadsMax = 256;
  if (ParseNumber(text, threads) && *threads >= 1 && *threads <= kThreadsMax) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("want a number from 1 to {}, got \"{}\"", kThreadsMax, text));
}
absl::Status SetHandlerThreads(std::string_view text, Options& options) {
  return SetThreads(text, &options.node.handler_threads);
}
absl::Status SetRequestThreads(std::string_view text, Options& options) {
  return SetThreads(text, &options.node.request_threads);
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

// The n-th of those for each domain is for the n-th domain.
enum class Count { kOneOfEachNeeded, kOneOfEach, kOne, kAny };

struct OptionRow {
  const char* name;
  const char* value;
  Count count;
  const char* default_text;
  Set set;
  const char* help;
};

constexpr OptionRow kOptions[] = {
    {"--domain", "DOMAIN", Count::kOneOfEachNeeded, "", SetDomain,
     "The domain that the node speaks for, in lower case; repeatable, with a --tls-cert, a --tls-key and a "
     "--store for each, and an --admin and a --metrics for each or for none: the n-th of these is for the "
     "n-th "
     "domain. All listen on one port; who connects chooses by name (SNI)"},
    {"--listen", "HOST:PORT", Count::kOne, "0.0.0.0:9880", SetListen,
     "Where peers reach the node; port 0 takes a free one"},
    {"--tls-cert", "FILE", Count::kOneOfEachNeeded, "", SetCertificate,
     "PEM: the certificate of the domain, and the intermediate ones"},
    {"--tls-key", "FILE", Count::kOneOfEachNeeded, "", SetKey, "PEM: the certificate's private key"},
    {"--tls-ca", "FILE", Count::kOne, "", SetAuthorities,
     "PEM: the authorities that vouch for peers; without it those of the system"},
    {"--store", "sqlite:FILE", Count::kOneOfEachNeeded, "", SetStore,
     "The database that keeps numbers and updates; it is made if it is not there"},
    {"--peer", "DOMAIN=HOST:PORT", Count::kAny, "", AddPeer,
     "Where the server of a domain listens, instead of where it would be found; repeatable"},
    {"--via", "DESTINATION=RELAY", Count::kAny, "", AddVia,
     "Updates for this domain are handed to the server of the domain RELAY, which brings them there; "
     "repeatable"},
    {"--relay", "DESTINATION=ORIGIN,...", Count::kAny, "", AddRelay,
     "Hands on what these origins send to this domain through the node; *.example.org for those below one, * "
     "for all; repeatable"},
    {"--trust-relay", "RELAY=ORIGIN,...", Count::kAny, "", AddTrustedRelay,
     "Takes updates of these origins from the server of the domain RELAY, on its word alone; repeatable"},
    {"--discovery", "on|off", Count::kOne, "on", SetDiscovery,
     "Whether servers of other domains than those of --peer are looked for"},
    {"--announce", "HOST:PORT", Count::kAny, "", AddAnnounced,
     "Where others reach the node, for /.well-known/actor-federation; repeatable, the preferred one first; "
     "without it the domain at the port of --listen"},
    {"--dns-server", "IP:PORT", Count::kAny, "", AddDnsServer,
     "The DNS server to ask where others are; repeatable; without it those of the system"},
    {"--well-known-port", "PORT", Count::kOne, "443", SetWellKnownPort,
     "Where the web servers of other domains are asked for /.well-known/actor-federation"},
    {"--allow-address", "RANGE", Count::kAny, "", AddAllowedAddress,
     "A private range that servers which are not configured by address may be in, such as 127.0.0.0/8; "
     "repeatable"},
    {"--allow", "FILE", Count::kOne, "", SetAllow,
     "The domains that the node has to do with, one a line, *.example.org for those below one; read again on "
     "SIGHUP; without it all"},
    {"--deny", "FILE", Count::kOne, "", SetDeny,
     "Domains that the node has nothing to do with, whatever --allow says; read again on SIGHUP"},
    {"--origin-requests", "PER_SECOND", Count::kOne, "100000", SetOriginRequests,
     "How many pushes and requests one peer may send in a second; more is told to wait"},
    {"--origin-bytes", "PER_SECOND", Count::kOne, "268435456", SetOriginBytes, "The same for their bytes"},
    {"--origin-updates", "PER_SECOND", Count::kOne, "1000000", SetOriginUpdates,
     "The same for the updates in them"},
    {"--users", "FILE", Count::kOne, "", SetUsers,
     "JSON: the users that peers find, as in an answer to search_users; read again on SIGHUP; without it "
     "none"},
    {"--admin", "unix:FILE", Count::kOneOfEach, "", SetAdmin,
     "The socket on which fedctl talks to the node, open to the node's user only; without it there is none"},
    {"--metrics", "HOST:PORT", Count::kOneOfEach, "", SetMetrics,
     "Where Prometheus reads metrics, over plain HTTP and without authentication: on 127.0.0.1, or where all "
     "who can reach it may; port 0 takes a free one; without it there are none"},
    {"--metrics-labels", "COUNT", Count::kOne, "100", SetMetricsLabels,
     "How many links, and origins in quarantine, metrics tell apart; the others are summed up as `other`"},
    {"--history", "ROWS", Count::kOne, "1000000", SetHistory,
     "How many rows the table fednode_history keeps: strong updates that were applied, and those that fedctl "
     "sent; 0 for none"},
    {"--handler-threads", "THREADS", Count::kOne, "8", SetHandlerThreads,
     "Threads that apply updates of peers, those of the quarantine, too, and report what was applied"},
    {"--request-threads", "THREADS", Count::kOne, "8", SetRequestThreads,
     "Threads that answer requests of peers"},
    {"--log-level", "LEVEL", Count::kOne, "info", SetLogLevel,
     "The least that is logged on stderr: debug, info, warn, error or off"},
};

void AddOption(CLI::App& app, const OptionRow& row, Options& options) {
  CLI::callback_t read = [&row, &options](const CLI::results_t& texts) {
    const bool of_each = row.count == Count::kOneOfEach || row.count == Count::kOneOfEachNeeded;
    std::vector<Options>& more = options.more_domains;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (of_each && i > more.size()) more.resize(i);
      absl::Status status = row.set(texts[i], of_each && i > 0 ? more[i - 1] : options);
      if (!status.ok()) throw CLI::ValidationError(row.name, std::string(status.message()));
    }
    return true;
  };
  CLI::Option* option = app.add_option(row.name, std::move(read), row.help);
  option->type_name(row.value)->default_str(row.default_text);
  if (row.count == Count::kOneOfEachNeeded) option->required();
  if (row.count != Count::kOne) option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
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
  absl::Status status = CheckDomains(options);
  if (!status.ok()) return status;
  return options;
}

}  // namespace federation::fednode
