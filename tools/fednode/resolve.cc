#include "fednode/resolve.h"

#include <string>

namespace federation::fednode {
namespace {

using admin::v1::ResolveStep;

ResolveStep::Source ToProto(Resolution::Source source) {
  switch (source) {
    case Resolution::Source::kConfigured:
      return ResolveStep::SOURCE_CONFIGURED;
    case Resolution::Source::kWellKnown:
      return ResolveStep::SOURCE_WELL_KNOWN;
    case Resolution::Source::kSrv:
      return ResolveStep::SOURCE_SRV;
    case Resolution::Source::kDomain:
      return ResolveStep::SOURCE_DOMAIN;
  }
  return ResolveStep::SOURCE_UNSPECIFIED;
}

ResolveStep::Outcome ToProto(Resolution::Outcome outcome) {
  switch (outcome) {
    case Resolution::Outcome::kTaken:
      return ResolveStep::OUTCOME_TAKEN;
    case Resolution::Outcome::kNothing:
      return ResolveStep::OUTCOME_NOTHING;
    case Resolution::Outcome::kFailed:
      return ResolveStep::OUTCOME_FAILED;
    case Resolution::Outcome::kSkipped:
      return ResolveStep::OUTCOME_SKIPPED;
  }
  return ResolveStep::OUTCOME_UNSPECIFIED;
}

void ToProto(const Resolution::Candidate& candidate, admin::v1::ResolveCandidate* out) {
  out->set_address(candidate.address.ToString());
  for (const std::string& name : candidate.certificate_names) out->add_certificate_names(name);
  for (const Resolution::Address& address : candidate.addresses) {
    admin::v1::ResolvedAddress& shown = *out->add_addresses();
    shown.set_ip(address.ip);
    shown.set_refused(address.refused);
  }
  out->set_error(candidate.error);
}

}  // namespace

absl::StatusOr<admin::v1::ResolveResponse> Resolve(Node& node, const admin::v1::ResolveRequest& request) {
  const absl::StatusOr<Resolution> resolution =
      node.Resolve(request.domain(), request.fresh() ? Lookup::kFresh : Lookup::kRemembered);
  if (!resolution.ok()) return resolution.status();
  admin::v1::ResolveResponse response;
  response.set_domain(resolution->domain);
  response.set_via(resolution->via);
  for (const Resolution::Step& step : resolution->steps) {
    ResolveStep& shown = *response.add_steps();
    shown.set_source(ToProto(step.source));
    shown.set_outcome(ToProto(step.outcome));
    shown.set_asked(step.asked);
    shown.set_reason(step.reason);
  }
  for (const Resolution::Candidate& candidate : resolution->candidates) {
    ToProto(candidate, response.add_candidates());
  }
  response.set_error(std::string(resolution->status.message()));
  response.set_age_ms(static_cast<std::uint64_t>(resolution->age.count()));
  response.set_expires_in_ms(static_cast<std::uint64_t>(resolution->expires_in.count()));
  return response;
}

}  // namespace federation::fednode
