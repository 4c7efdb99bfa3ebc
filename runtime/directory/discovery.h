#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/host_port.h"
#include "federation/resolution.h"

#include "directory/candidate.h"
#include "directory/location_cache.h"
#include "directory/srv_order.h"

namespace federation::directory {

// What discovery asks others. On the thread of its discovery.
class DiscoverySources {
 public:
  virtual ~DiscoverySources() = default;

  // `done` of both is called once, here and now or later. Errors: not found (it is certain that there is
  // nothing), any other (nobody knows).
  struct WellKnown {
    std::vector<HostPort> endpoints;  // at least one
    // How long the answer may be kept; none if it does not say.
    std::optional<std::chrono::seconds> fresh_for;
  };
  virtual void FetchWellKnown(const std::string& domain,
                              std::function<void(absl::StatusOr<WellKnown>)> done) = 0;
  struct Srv {
    // None of them: the domain says that it has no such service (RFC 2782, the target ".").
    std::vector<SrvRecord> records;
    std::chrono::seconds ttl{0};
  };
  virtual void LookUpSrv(const std::string& name, std::function<void(absl::StatusOr<Srv>)> done) = 0;
};

// Finds the servers of domains, as proto/PROTOCOL.md says under "Discovery": what is configured, else what
// the domain's web server says, else its SRV records, else the domain itself. Remembers what it has found.
// Does no I/O of its own. Not thread-safe: all of it on one thread.
class Discovery {
 public:
  using Clock = std::chrono::steady_clock;
  using Peers = std::map<std::string, HostPort, std::less<>>;

  struct Options {
    // Whether anything but what is configured counts.
    bool enabled = true;
    // Of a domain that says nothing of its server.
    std::uint16_t default_port = 9880;
    // What is shown for the place of the well-known document.
    std::uint16_t well_known_port = 443;
    // Domains that are remembered; the one that was not asked for the longest time goes.
    std::size_t domains_max = 4096;
    // Domains that are looked for at the same time; the others wait for their turn. Where a domain's servers
    // are silent that takes a quarter of a minute: so many that it takes thousands of such domains to hold up
    // others.
    std::size_t runs_max = 256;
  };
  // Nothing is remembered for longer than this, and what depends on a failure for less.
  static constexpr std::chrono::seconds kFoundMax = std::chrono::hours{1};
  static constexpr std::chrono::seconds kFoundAfterFailureMax = std::chrono::minutes{5};
  // That a domain says nothing, or cannot be asked; and what leads to no connection.
  static constexpr std::chrono::seconds kNothingFoundMax{30};
  static_assert(kNothingFoundMax <= kFoundAfterFailureMax && kFoundAfterFailureMax <= kFoundMax);

  // Borrows peers and sources. `random` yields numbers from 0 to below 1.
  Discovery(const Peers& peers, const Options& options, DiscoverySources& sources,
            std::function<Clock::time_point()> now, std::function<double()> random);

  using Done = std::function<void(const Location&)>;
  // Calls `done` with what is remembered, or when it is found: here and now, or later. Who asks for one
  // domain at the same time shares the answer.
  void Find(const std::string& domain, Done done);
  // The same, but does not look at what is remembered.
  void FindAfresh(const std::string& domain, Done done);
  // No connection could be made to where the domain's server was said to be: it is soon looked for again.
  void NoteUnreachable(const std::string& domain) { cache_.Shorten(domain, now_() + kNothingFoundMax); }

  // The candidates of a location in an order to try them in, drawn anew each time; its error if it has none.
  absl::StatusOr<std::vector<Candidate>> InOrder(const Location& location) const;

 private:
  // One domain that is looked for.
  struct Run {
    std::string domain;
    Location location;
    // Whether what a step says may be other soon, as an earlier one failed.
    bool failed_before = false;
    std::vector<Done> waiting;
  };
  using RunPtr = std::shared_ptr<Run>;

  Location Configured(const std::string& domain, const HostPort& address) const;
  Location Unknown(const std::string& domain) const;
  void StartRuns();
  // The ways, one after the other; each ends the run or goes on with the next one.
  void AskWellKnown(const RunPtr& run);
  void TakeWellKnown(const RunPtr& run, const absl::StatusOr<DiscoverySources::WellKnown>& answer);
  void AskSrv(const RunPtr& run);
  void TakeSrv(const RunPtr& run, const absl::StatusOr<DiscoverySources::Srv>& answer);
  void TakeDomain(const RunPtr& run);
  void Finish(const RunPtr& run, std::chrono::seconds keep_for);

  const Peers& peers_;
  const Options options_;
  DiscoverySources& sources_;
  const std::function<Clock::time_point()> now_;
  const std::function<double()> random_;
  LocationCache cache_;
  std::map<std::string, RunPtr, std::less<>> runs_;
  // Those of the runs that wait for their turn.
  std::deque<RunPtr> queue_;
  std::size_t running_ = 0;
};

}  // namespace federation::directory
