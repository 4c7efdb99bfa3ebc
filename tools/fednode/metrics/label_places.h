#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace federation::fednode {

// The label value under which everything is summed up that has none of its own.
inline constexpr std::string_view kOtherLabel = "other";

// Decides which domains have a label value of their own, so that there are never too many: as many places as
// allowed, which go to those that need attention most. Who has a place keeps it for an hour at least, however
// well it is by then; so a place that changes hands cannot make more than so many series in an hour. A domain
// that is called `other` gets none.
//
// Not thread-safe.
class LabelPlaces {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::hours kKept{1};

  // How much a domain needs attention: who fails goes before who does not, then who has more that waits.
  struct Need {
    bool failing = false;
    std::uint64_t waiting = 0;

    friend auto operator<=>(const Need&, const Need&) = default;
  };
  struct Candidate {
    std::string_view name;
    Need need;
  };

  explicit LabelPlaces(std::size_t places_max) : places_max_(places_max) {}

  // Gives free places away, and takes old ones from those that need them less than others. `candidates` are
  // all the domains there are, each once.
  void Assign(std::vector<Candidate> candidates, Time now);
  bool Has(std::string_view name) const { return places_.contains(name); }

 private:
  struct Place {
    Time since;
    Need need;
  };
  using Places = std::map<std::string, Place, std::less<>>;

  // Places that others may have, the one that is needed least first.
  std::vector<Places::iterator> OldPlaces(Time now);

  const std::size_t places_max_;
  Places places_;
};

}  // namespace federation::fednode
