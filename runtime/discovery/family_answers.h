#pragma once

#include <optional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

namespace federation::discovery {

enum class Family { kIpv6, kIpv4 };

// What has come of the two questions for the addresses of one name, AAAA and A: each fails for itself, and
// one that succeeds is enough (RFC 8305, section 3). No I/O. Not thread-safe.
class FamilyAnswers {
 public:
  using Answer = absl::StatusOr<std::vector<std::string>>;

  // Once for each family: its addresses, at least one, the best ones first; or not found, if it is certain
  // that there are none, or why nobody knows. `has_route`: whether this machine can send anything to the
  // first one.
  void Take(Family family, Answer answer, bool has_route);

  enum class Next {
    kWait,         // for the other family, as long as that takes
    kWaitBriefly,  // for the other family, as there is one that leads somewhere: the Resolution Delay
    kGoOn,         // with what there is
  };
  Next next() const;

  // Of both families in turn, IPv6 first unless only IPv4 has a route (RFC 6724, section 6, rule 1; RFC 8305,
  // section 4). Errors, if there are none: not found if both say so, else deadline exceeded if no server has
  // answered one of them, else unavailable. What has not come is left out.
  Answer Addresses() const;
  // Why there may be addresses of a family beside the others', but none is known: `AAAA: no DNS server
  // answers`. Empty if nothing is missing, or all of it.
  std::string Missing() const;

 private:
  struct Taken {
    Answer answer;
    bool has_route;
  };

  std::optional<Taken> ipv6_;
  std::optional<Taken> ipv4_;
};

}  // namespace federation::discovery
