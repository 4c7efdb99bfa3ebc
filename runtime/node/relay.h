#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include <absl/status/statusor.h>

#include "federation/limits.h"

#include "node/access.h"
#include "node/addresses.h"
#include "node/admission.h"
#include "node/relay_rules.h"
#include "transport/transport.h"

namespace federation::node {

// Hands on the pushes that others send to a destination of RelayOptions::serves, and what comes back
// (proto/PROTOCOL.md, "Relays"). Stands below the protection level: it neither opens bodies nor changes them.
// To be used on the loop only.
class Relay {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Clock = std::function<Time()>;

  // Borrows what comes after the limits; to be destroyed when the client has dropped its calls.
  Relay(std::string domain, RelayRules rules, const RelayLimits& limits, const Addresses& addresses,
        const Access& access, Admission& admission, transport::Client& client,
        Clock clock = std::chrono::steady_clock::now);

  // Whether a request is for another destination that this node serves.
  bool Takes(const transport::Request& request) const;
  // Hands on such a request, or says why not.
  void Serve(transport::Request request, transport::Respond respond);

 private:
  // Pushes that have no answer yet.
  struct InFlight {
    std::size_t pushes = 0;
    std::size_t bytes = 0;
  };
  // From an origin to a destination.
  struct Link {
    std::size_t pushes = 0;  // that have no answer yet
    std::uint64_t newest_connection = 0;
    Time newest_push{};  // when the latest one came over it
  };
  using Refusal = std::optional<transport::Response>;

  // Whether the origin may, and the push has not come in a circle.
  Refusal CheckWay(const transport::Request& request, const transport::Call& call) const;
  // Whether there is room for it now.
  Refusal CheckRoom(const transport::Request& request);
  bool IsStale(const transport::Request& request);
  Link& FindLink(const std::string& name);
  transport::Response Busy(std::chrono::seconds wait, std::string detail) const;
  // How long its answer may take; so that its origin hears of a failure before it gives up by itself.
  std::chrono::milliseconds TimeoutOf(const transport::Request& request) const;
  void Post(transport::Call call, transport::Respond respond);
  void Answered(const std::string& origin, const std::string& destination, std::size_t bytes);
  transport::Response ResponseTo(absl::StatusOr<transport::Answer> answer,
                                 const std::string& destination) const;

  const std::string domain_;
  const RelayRules rules_;
  const RelayLimits limits_;
  const Addresses& addresses_;
  const Access& access_;
  Admission& admission_;
  transport::Client& client_;
  const Clock clock_;
  InFlight all_;
  // Those that have pushes without an answer.
  std::map<std::string, InFlight, std::less<>> origins_;
  // By LinkName. Bounded: see kLinksMax.
  std::map<std::string, Link, std::less<>> links_;
};

}  // namespace federation::node
