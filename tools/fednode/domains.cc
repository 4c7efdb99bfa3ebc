#include "fednode/domains.h"

#include <string>
#include <utility>

#include <fmt/format.h>

namespace federation::fednode {
namespace {

struct OwnOption {
  const char* name;
  bool needed;
  bool (*is_set)(const Options& options);
};

// Those that stand once for each domain; and `needed` says whether for each.
constexpr OwnOption kOwnOptions[] = {
    {"--domain", true, [](const Options& options) { return !options.node.domain.empty(); }},
    {"--tls-cert", true, [](const Options& options) { return !options.node.tls.certificate.empty(); }},
    {"--tls-key", true, [](const Options& options) { return !options.node.tls.private_key.empty(); }},
    {"--store", true, [](const Options& options) { return !options.store_path.empty(); }},
    {"--admin", false, [](const Options& options) { return !options.admin_socket_path.empty(); }},
    {"--metrics", false, [](const Options& options) { return options.metrics_listen.has_value(); }},
};

// A domain reaches itself without a way.
void ForgetItself(NodeOptions* node) {
  node->peers.erase(node->domain);
  node->relay.via.erase(node->domain);
  node->relay.serves.erase(node->domain);
  node->relay.trusted.erase(node->domain);
}

}  // namespace

absl::Status CheckDomains(const Options& options) {
  for (const OwnOption& row : kOwnOptions) {
    if (!row.needed && !row.is_set(options)) continue;
    for (const Options& own : options.more_domains) {
      if (row.is_set(own)) continue;
      return absl::InvalidArgumentError(
          fmt::format("{}: want one for each of the {} domains", row.name, options.more_domains.size() + 1));
    }
  }
  return absl::OkStatus();
}

std::vector<Options> OptionsOfEach(const Options& options) {
  std::vector<Options> each = {options};
  each[0].more_domains.clear();
  for (const Options& own : options.more_domains) {
    Options& next = each.emplace_back(each[0]);
    next.node.domain = own.node.domain;
    next.node.tls.certificate = own.node.tls.certificate;
    next.node.tls.private_key = own.node.tls.private_key;
    next.store_path = own.store_path;
    next.admin_socket_path = own.admin_socket_path;
    next.metrics_listen = own.metrics_listen;
  }
  if (each.size() > 1) {
    for (Options& one : each) ForgetItself(&one.node);
  }
  return each;
}

}  // namespace federation::fednode
