#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>

#include "https/identity.h"
#include "https/reloadable_tls.h"
#include "transport/transport.h"

namespace federation::https {

struct ServerOptions {
  // What GET and HEAD are answered for also to who has no certificate; empty for nothing.
  std::string public_target{};
  // What requests for these targets are told that have no answer when a shutdown has waited for long enough;
  // all others: 503.
  std::map<std::string, transport::Response, std::less<>> when_dismissed{};
  // Which relays may bring requests of which origins; null for none. Called on the loop.
  RelayTrust trusts_relay{};
};

// What a server serves for one domain.
struct ServedDomain {
  std::string domain;
  std::shared_ptr<const ReloadableTls> tls;
  // Called on the loop.
  transport::Handler handler;
  ServerOptions options{};
  // The names of hosts, in lower case, at which its well-known document says that it is: its clients ask for
  // them in place of the domain.
  std::vector<std::string> announced{};

  bool Announces(std::string_view host) const;
};

// The domains of a server. Thread-safe.
class ServedDomains {
 public:
  using Ptr = std::shared_ptr<const ServedDomain>;

  // Errors: already exists (the domain is served already), invalid argument (an announced host would not
  // bring to all who announce it; see Server).
  absl::Status Add(ServedDomain added);
  void Remove(std::string_view domain);

  // Null if it is not served.
  Ptr Find(std::string_view domain) const;
  // The one whose certificate is for who asks for `name` (SNI), in lower case: the domain of that name; or
  // else of those that announce this host the first one whose certificate is valid for it, or the first one.
  // Null if it is none of these.
  Ptr FindAsked(const std::string& name) const;
  // The one that was added before all others that are there; null without any.
  Ptr First() const;

 private:
  mutable std::mutex mutex_;  // guards what follows
  // In the order in which they were added. There are few.
  std::vector<Ptr> domains_;
};

}  // namespace federation::https
