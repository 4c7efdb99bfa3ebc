#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "federation/limits.h"

#include "delivery/rate.h"

namespace federation::node {

// How much each origin sends: a token bucket of each for the number of its pushes and requests, and one for
// their bytes. Forgets an origin some time after its buckets are full again, as they are at the start. Not
// thread-safe.
class OriginRates {
 public:
  using Time = delivery::Rate::Time;

  explicit OriginRates(const OriginLimits& limits) : limits_(limits) {}

  struct Excess {
    enum class Kind { kNumber, kBytes };
    Kind kind = Kind::kNumber;
    // When to come again, at least 1 s.
    std::chrono::seconds wait{1};
  };
  // Takes in one push or request of `bytes`, or says that it is too much. One that is too much for its bytes
  // counts by its number all the same.
  std::optional<Excess> Take(std::string_view origin, std::size_t bytes, Time now);

  // How many origins are remembered.
  std::size_t size() const { return origins_.size(); }

 private:
  struct Origin {
    std::string name;
    // No bucket is less than full any more.
    Time full;
    delivery::Rate number;
    delivery::Rate bytes;
  };
  using Origins = std::list<Origin>;

  Origin& Find(std::string_view name, Time now);
  void Forget(Time now);

  const OriginLimits limits_;
  // The one that sent last is the first.
  Origins origins_;
  std::unordered_map<std::string_view, Origins::iterator> by_name_;
};

}  // namespace federation::node
