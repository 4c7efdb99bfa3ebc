#include "discovery/server_directory.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <absl/strings/str_cat.h>

#include "directory/host.h"
#include "directory/text.h"
#include "directory/well_known.h"
#include "https/event_loop_impl.h"

namespace federation::discovery {
namespace {

using directory::Candidate;
using directory::DiscoverySources;

constexpr std::size_t kWellKnownBytesMax = std::size_t{64} * 1024;
constexpr char kJsonType[] = "application/json";

absl::StatusOr<DiscoverySources::WellKnown> ReadWellKnown(const https::Fetched& fetched) {
  const int status = fetched.status;
  if (status == 404 || status == 410) return absl::NotFoundError(absl::StrCat("HTTP ", status));
  if (status >= 300 && status < 400) {
    return absl::UnavailableError(absl::StrCat("HTTP ", status, ": redirects are not followed"));
  }
  if (status != 200) return absl::UnavailableError(absl::StrCat("want HTTP 200, got ", status));
  if (fetched.content_type != kJsonType) {
    return absl::UnavailableError(
        absl::StrCat("want ", kJsonType, ", got ", directory::Quote(fetched.content_type)));
  }
  absl::StatusOr<std::vector<HostPort>> endpoints = directory::ParseWellKnown(fetched.body);
  if (!endpoints.ok()) return absl::UnavailableError(endpoints.status().message());
  return DiscoverySources::WellKnown{*std::move(endpoints), fetched.fresh_for};
}

// Over DNS and HTTPS.
class NetworkSources final : public DiscoverySources {
 public:
  NetworkSources(https::EventLoop& loop, const ServerDirectoryOptions& options,
                 std::shared_ptr<const https::ReloadableTls> tls, const directory::AddressPolicy& policy)
      : well_known_port_(options.discovery.well_known_port),
        well_known_timeout_(options.well_known_timeout),
        dns_(loop, options.dns),
        fetcher_(loop, std::move(tls), policy, dns_) {}

  void FetchWellKnown(const std::string& domain,
                      std::function<void(absl::StatusOr<WellKnown>)> done) override {
    https::Fetch fetch{.host = domain,
                       .port = well_known_port_,
                       .path = directory::kWellKnownPath,
                       .body_bytes_max = kWellKnownBytesMax,
                       .timeout = well_known_timeout_};
    fetcher_.Get(std::move(fetch), [done = std::move(done)](const absl::StatusOr<https::Fetched>& fetched) {
      if (!fetched.ok()) return done(fetched.status());
      done(ReadWellKnown(*fetched));
    });
  }
  void LookUpSrv(const std::string& name, std::function<void(absl::StatusOr<Srv>)> done) override {
    dns_.LookUpSrv(name, std::move(done));
  }
  DnsResolver& dns() { return dns_; }

 private:
  const std::uint16_t well_known_port_;
  const std::chrono::milliseconds well_known_timeout_;
  DnsResolver dns_;
  https::Fetcher fetcher_;
};

// Names that the operator configured are looked up as this machine does it.
DnsOptions WithoutServers(DnsOptions options) {
  options.servers.clear();
  return options;
}

// An explanation that waits for the addresses of its candidates.
struct Explanation {
  Resolution resolution;
  std::size_t missing = 0;
  std::function<void(const Resolution&)> done;

  void FinishOne() {
    if (--missing == 0) done(resolution);
  }
};

}  // namespace

struct ServerDirectory::Impl {
  Impl(https::EventLoop& the_loop, const directory::Discovery::Peers& peers,
       const ServerDirectoryOptions& options, std::shared_ptr<const https::ReloadableTls> tls,
       const directory::AddressPolicy& the_policy, std::function<double()> random)
      : loop(the_loop),
        policy(the_policy),
        configured_names(loop, WithoutServers(options.dns)),
        sources(loop, options, std::move(tls), policy),
        discovery(peers, options.discovery, sources, &directory::Discovery::Clock::now, std::move(random)) {}

  void Explain(const directory::Location& location, std::function<void(const Resolution&)> done);
  void AddAddresses(const Candidate& candidate, std::size_t index,
                    const std::shared_ptr<Explanation>& explanation);
  Resolution::Address Checked(const std::string& ip, bool from_outside) const;

  https::EventLoop& loop;
  const directory::AddressPolicy policy;
  ConfiguredNames configured_names;
  NetworkSources sources;
  directory::Discovery discovery;
};

void ServerDirectory::Impl::Explain(const directory::Location& location,
                                    std::function<void(const Resolution&)> done) {
  const auto now = directory::Discovery::Clock::now();
  const auto milliseconds = [](auto span) {
    return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(span),
                    std::chrono::milliseconds{0});
  };
  const auto explanation = std::make_shared<Explanation>();
  Resolution& resolution = explanation->resolution;
  resolution.domain = location.domain;
  resolution.steps = location.steps;
  resolution.age = milliseconds(now - location.found);
  resolution.expires_in = milliseconds(location.expires - now);
  explanation->done = std::move(done);
  const absl::StatusOr<std::vector<Candidate>> candidates = discovery.InOrder(location);
  resolution.status = candidates.status();
  // One more, so that it is not done before all of them are asked for.
  explanation->missing = 1;
  if (candidates.ok()) {
    explanation->missing += candidates->size();
    resolution.candidates.resize(candidates->size());
    for (std::size_t i = 0; i < candidates->size(); ++i) AddAddresses((*candidates)[i], i, explanation);
  }
  explanation->FinishOne();
}

void ServerDirectory::Impl::AddAddresses(const Candidate& candidate, std::size_t index,
                                         const std::shared_ptr<Explanation>& explanation) {
  Resolution::Candidate& shown = explanation->resolution.candidates[index];
  shown.address = candidate.address;
  shown.certificate_names = candidate.certificate_names;
  if (directory::HostIsIp(candidate.address.host)) {
    shown.addresses = {Checked(candidate.address.host, candidate.from_outside)};
    return explanation->FinishOne();
  }
  const auto show = [this, index, explanation](const absl::StatusOr<std::vector<std::string>>& found,
                                               const std::string& missing) {
    Resolution::Candidate& entry = explanation->resolution.candidates[index];
    entry.error = found.ok() ? missing : std::string(found.status().message());
    if (found.ok()) {
      for (const std::string& ip : *found) entry.addresses.push_back(Checked(ip, true));
      entry.addresses.resize(std::min(entry.addresses.size(), DnsResolver::kAddressesMax));
    }
    explanation->FinishOne();
  };
  if (!candidate.from_outside) {
    return configured_names.Resolve(candidate.address.host, [show](const auto& found) { show(found, ""); });
  }
  // All that there is, also what a connection does not wait for.
  sources.dns().ResolveAll(candidate.address.host, [show](const FamilyAnswers& answers) {
    show(answers.Addresses(), answers.Missing());
  });
}

Resolution::Address ServerDirectory::Impl::Checked(const std::string& ip, bool from_outside) const {
  if (!from_outside) return {ip, ""};
  return {ip, std::string(policy.Check(ip).message())};
}

ServerDirectory::ServerDirectory(https::EventLoop& loop, const directory::Discovery::Peers& peers,
                                 const ServerDirectoryOptions& options,
                                 std::shared_ptr<const https::ReloadableTls> tls,
                                 const directory::AddressPolicy& policy, std::function<double()> random)
    : impl_(std::make_unique<Impl>(loop, peers, options, std::move(tls), policy, std::move(random))) {}

ServerDirectory::~ServerDirectory() {
  https::RunOnLoop(impl_->loop, [this] { impl_.reset(); });
}

void ServerDirectory::Find(const std::string& domain, Done done) {
  impl_->discovery.Find(domain,
                        [impl = impl_.get(), done = std::move(done)](const directory::Location& location) {
                          done(impl->discovery.InOrder(location));
                        });
}

void ServerDirectory::NoteUnreachable(const std::string& domain) { impl_->discovery.NoteUnreachable(domain); }

https::NameResolver& ServerDirectory::names() { return impl_->sources.dns(); }

https::NameResolver& ServerDirectory::configured_names() { return impl_->configured_names; }

void ServerDirectory::Explain(const std::string& domain, Lookup lookup,
                              std::function<void(const Resolution&)> done) {
  auto explain = [impl = impl_.get(), done = std::move(done)](const directory::Location& location) {
    impl->Explain(location, done);
  };
  if (lookup == Lookup::kFresh) return impl_->discovery.FindAfresh(domain, std::move(explain));
  impl_->discovery.Find(domain, std::move(explain));
}

}  // namespace federation::discovery
