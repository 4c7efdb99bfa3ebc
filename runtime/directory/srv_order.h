#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "federation/host_port.h"

namespace federation::directory {

// A record of a service (RFC 2782).
struct SrvRecord {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  HostPort target{};

  friend bool operator==(const SrvRecord&, const SrvRecord&) = default;
};

// The records in an order to try them in: by priority, and within one at random by weight (RFC 2782, "Usage
// rules"). `random` yields numbers from 0 to below 1.
std::vector<SrvRecord> InSrvOrder(std::vector<SrvRecord> records, const std::function<double()>& random);

}  // namespace federation::directory
