#include "directory/discovery.h"

#include <algorithm>
#include <utility>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "directory/host.h"
#include "directory/well_known.h"

namespace federation::directory {
namespace {

using Source = Resolution::Source;
using Outcome = Resolution::Outcome;

constexpr char kSrvPrefix[] = "_actor-server._tcp.";

std::string Listed(const std::vector<HostPort>& addresses) {
  return absl::StrJoin(addresses, ", ", [](std::string* out, const HostPort& address) {
    absl::StrAppend(out, address.ToString());
  });
}

std::string Listed(const std::vector<SrvRecord>& records) {
  return absl::StrJoin(records, ", ", [](std::string* out, const SrvRecord& record) {
    absl::StrAppend(out, record.target.ToString(), " (priority ", record.priority, ", weight ", record.weight,
                    ")");
  });
}

// The certificate may be the host's own: the domain delegates to it, over a connection that proved to be the
// domain's. A host with a name is asked for under it, as it may hold certificates of many.
Candidate Delegated(const HostPort& address, const std::string& domain) {
  Candidate candidate{.address = address, .certificate_names = {domain}, .from_outside = true};
  if (!HostIsIp(address.host) && address.host != domain) {
    candidate.certificate_names.insert(candidate.certificate_names.begin(), address.host);
  }
  return candidate;
}

void AddStep(Location& location, Source source, Outcome outcome, std::string asked, std::string reason) {
  location.steps.push_back({source, outcome, std::move(asked), std::move(reason)});
}

// What is certain to be nothing, or what failed.
Outcome OutcomeOf(const absl::Status& status) {
  return absl::IsNotFound(status) ? Outcome::kNothing : Outcome::kFailed;
}

}  // namespace

Discovery::Discovery(const Peers& peers, const Options& options, DiscoverySources& sources,
                     std::function<Clock::time_point()> now, std::function<double()> random)
    : peers_(peers),
      options_(options),
      sources_(sources),
      now_(std::move(now)),
      random_(std::move(random)),
      cache_(options.domains_max) {}

void Discovery::Find(const std::string& domain, Done done) {
  if (const Location* known = cache_.Find(domain, now_())) {
    // `done` may look for others.
    const Location copy = *known;
    return done(copy);
  }
  FindAfresh(domain, std::move(done));
}

void Discovery::FindAfresh(const std::string& domain, Done done) {
  if (const auto peer = peers_.find(domain); peer != peers_.end()) {
    return done(Configured(domain, peer->second));
  }
  if (!options_.enabled) return done(Unknown(domain));
  RunPtr& run = runs_[domain];
  if (run != nullptr) {
    run->waiting.push_back(std::move(done));
    return;
  }
  run = std::make_shared<Run>();
  run->domain = domain;
  run->location.domain = domain;
  run->waiting.push_back(std::move(done));
  AddStep(run->location, Source::kConfigured, Outcome::kNothing, domain, "it is no configured peer");
  queue_.push_back(run);
  StartRuns();
}

Location Discovery::Configured(const std::string& domain, const HostPort& address) const {
  Location location;
  location.domain = domain;
  location.candidates = {{.address = address, .certificate_names = {domain}, .from_outside = false}};
  AddStep(location, Source::kConfigured, Outcome::kTaken, domain,
          absl::StrCat(address.ToString(), " is configured; nothing else is looked at"));
  location.found = location.expires = now_();
  return location;
}

Location Discovery::Unknown(const std::string& domain) const {
  Location location;
  location.domain = domain;
  location.status = absl::NotFoundError(absl::StrCat("no address is configured for ", domain));
  AddStep(location, Source::kConfigured, Outcome::kNothing, domain, "it is no configured peer");
  AddStep(location, Source::kWellKnown, Outcome::kSkipped, "", "discovery is off");
  location.found = location.expires = now_();
  return location;
}

void Discovery::StartRuns() {
  while (running_ < std::max<std::size_t>(options_.runs_max, 1) && !queue_.empty()) {
    const RunPtr run = std::move(queue_.front());
    queue_.pop_front();
    ++running_;
    AskWellKnown(run);
  }
}

void Discovery::AskWellKnown(const RunPtr& run) {
  sources_.FetchWellKnown(
      run->domain,
      [this, run](const absl::StatusOr<DiscoverySources::WellKnown>& answer) { TakeWellKnown(run, answer); });
}

void Discovery::TakeWellKnown(const RunPtr& run, const absl::StatusOr<DiscoverySources::WellKnown>& answer) {
  const std::string port = options_.well_known_port == 443 ? "" : absl::StrCat(":", options_.well_known_port);
  const std::string asked = absl::StrCat("https://", run->domain, port, kWellKnownPath);
  Location& location = run->location;
  if (!answer.ok()) {
    run->failed_before |= !absl::IsNotFound(answer.status());
    AddStep(location, Source::kWellKnown, OutcomeOf(answer.status()), asked,
            std::string(answer.status().message()));
    return AskSrv(run);
  }
  for (const HostPort& endpoint : answer->endpoints) {
    location.candidates.push_back(Delegated(endpoint, run->domain));
  }
  AddStep(location, Source::kWellKnown, Outcome::kTaken, asked, Listed(answer->endpoints));
  Finish(run, answer->fresh_for.value_or(kFoundMax));
}

void Discovery::AskSrv(const RunPtr& run) {
  sources_.LookUpSrv(
      absl::StrCat(kSrvPrefix, run->domain),
      [this, run](const absl::StatusOr<DiscoverySources::Srv>& answer) { TakeSrv(run, answer); });
}

void Discovery::TakeSrv(const RunPtr& run, const absl::StatusOr<DiscoverySources::Srv>& answer) {
  const std::string asked = absl::StrCat("SRV ", kSrvPrefix, run->domain);
  Location& location = run->location;
  if (!answer.ok()) {
    run->failed_before |= !absl::IsNotFound(answer.status());
    AddStep(location, Source::kSrv, OutcomeOf(answer.status()), asked,
            std::string(answer.status().message()));
    return TakeDomain(run);
  }
  if (answer->records.empty()) {
    location.status = absl::NotFoundError("its SRV record says that it has no server");
    AddStep(location, Source::kSrv, Outcome::kTaken, asked, "the target \".\": there is no such service");
    return Finish(run, std::min(answer->ttl, kNothingFoundMax));
  }
  location.srv = answer->records;
  AddStep(location, Source::kSrv, Outcome::kTaken, asked, Listed(answer->records));
  Finish(run, answer->ttl);
}

void Discovery::TakeDomain(const RunPtr& run) {
  const HostPort address{run->domain, options_.default_port};
  run->location.candidates = {{.address = address, .certificate_names = {run->domain}, .from_outside = true}};
  AddStep(run->location, Source::kDomain, Outcome::kTaken, address.ToString(),
          "nothing says that the server is elsewhere");
  Finish(run, kNothingFoundMax);
}

void Discovery::Finish(const RunPtr& run, std::chrono::seconds keep_for) {
  const std::chrono::seconds keep_max = run->failed_before ? kFoundAfterFailureMax : kFoundMax;
  Location& location = run->location;
  location.found = now_();
  location.expires = location.found + std::clamp(keep_for, std::chrono::seconds{0}, keep_max);
  cache_.Put(location, location.found);
  runs_.erase(run->domain);
  --running_;
  for (const Done& done : run->waiting) done(location);
  StartRuns();
}

absl::StatusOr<std::vector<Candidate>> Discovery::InOrder(const Location& location) const {
  if (!location.status.ok()) return location.status;
  if (location.srv.empty()) return location.candidates;
  std::vector<Candidate> candidates;
  for (const SrvRecord& record : InSrvOrder(location.srv, random_)) {
    candidates.push_back(
        {.address = record.target, .certificate_names = {location.domain}, .from_outside = true});
  }
  return candidates;
}

}  // namespace federation::directory
