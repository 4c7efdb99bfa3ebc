#include <cstdint>
#include <string>

#include <absl/time/time.h>
#include <fmt/format.h>

#include "federation/json/writer.h"

#include "fedctl/format.h"
#include "fedctl/text.h"

namespace federation::fedctl {
namespace {

using admin::v1::ResolveCandidate;
using admin::v1::ResolvedAddress;
using admin::v1::ResolveResponse;
using admin::v1::ResolveStep;

std::string SourceName(ResolveStep::Source source) {
  switch (source) {
    case ResolveStep::SOURCE_CONFIGURED:
      return "configured";
    case ResolveStep::SOURCE_WELL_KNOWN:
      return "well-known";
    case ResolveStep::SOURCE_SRV:
      return "srv";
    case ResolveStep::SOURCE_DOMAIN:
      return "domain";
    default:
      return "unknown";
  }
}

std::string OutcomeName(ResolveStep::Outcome outcome) {
  switch (outcome) {
    case ResolveStep::OUTCOME_TAKEN:
      return "taken";
    case ResolveStep::OUTCOME_NOTHING:
      return "nothing";
    case ResolveStep::OUTCOME_FAILED:
      return "failed";
    case ResolveStep::OUTCOME_SKIPPED:
      return "skipped";
    default:
      return "unknown";
  }
}

std::string StepText(const ResolveStep& step) {
  const std::string asked = step.asked().empty() ? "" : Printable(step.asked()) + ": ";
  return fmt::format("{:<12}{:<9}{}{}\n", SourceName(step.source()), OutcomeName(step.outcome()), asked,
                     Printable(step.reason()));
}

std::string AgeText(const ResolveResponse& found) {
  if (found.expires_in_ms() == 0) return "found just now, not remembered\n";
  const absl::Duration age = absl::Milliseconds(static_cast<std::int64_t>(found.age_ms()));
  const absl::Duration left = absl::Milliseconds(static_cast<std::int64_t>(found.expires_in_ms()));
  const std::string ago = age < absl::Seconds(1) ? "just now" : Span(age) + " ago";
  return fmt::format("found {}, remembered for {}\n", ago, Span(left));
}

std::string CandidateText(const ResolveCandidate& candidate, int place) {
  std::string names;
  for (const std::string& name : candidate.certificate_names()) {
    names += (names.empty() ? "" : " or ") + Printable(name);
  }
  std::string text =
      fmt::format("{}. {}, with a certificate for {}\n", place, Printable(candidate.address()), names);
  for (const ResolvedAddress& address : candidate.addresses()) {
    const std::string verdict = address.refused().empty() ? "allowed" : Printable(address.refused());
    text += fmt::format("   {}: {}\n", Printable(address.ip()), verdict);
  }
  if (candidate.error().empty()) return text;
  const char* const what = candidate.addresses().empty() ? "no address: " : "";
  return text + fmt::format("   {}{}\n", what, Printable(candidate.error()));
}

void WriteStep(const ResolveStep& step, json::Writer& writer) {
  writer.BeginObject();
  writer.Key("source");
  writer.String(SourceName(step.source()));
  writer.Key("outcome");
  writer.String(OutcomeName(step.outcome()));
  writer.Key("asked");
  WriteText(step.asked(), writer);
  writer.Key("reason");
  WriteText(step.reason(), writer);
  writer.EndObject();
}

void WriteCandidate(const ResolveCandidate& candidate, json::Writer& writer) {
  writer.BeginObject();
  writer.Key("address");
  writer.String(candidate.address());
  writer.Key("certificate_names");
  writer.BeginArray();
  for (const std::string& name : candidate.certificate_names()) writer.String(name);
  writer.EndArray();
  writer.Key("addresses");
  writer.BeginArray();
  for (const ResolvedAddress& address : candidate.addresses()) {
    writer.BeginObject();
    writer.Key("ip");
    writer.String(address.ip());
    writer.Key("refused");
    WriteText(address.refused(), writer);
    writer.EndObject();
  }
  writer.EndArray();
  writer.Key("error");
  WriteText(candidate.error(), writer);
  writer.EndObject();
}

}  // namespace

std::string ResolveText(const ResolveResponse& found) {
  std::string text;
  if (!found.via().empty()) {
    text += fmt::format("{:<12}{}: updates are handed to its server; what follows is of {} itself\n", "via",
                        Printable(found.via()), Printable(found.domain()));
  }
  for (const ResolveStep& step : found.steps()) text += StepText(step);
  text += AgeText(found);
  for (int i = 0; i < found.candidates_size(); ++i) text += CandidateText(found.candidates(i), i + 1);
  return text;
}

std::string ResolveJson(const ResolveResponse& found) {
  std::string out;
  json::DocumentWriter writer(&out);
  writer.BeginObject();
  writer.Key("domain");
  writer.String(found.domain());
  writer.Key("via");
  WriteText(found.via(), writer);
  writer.Key("steps");
  writer.BeginArray();
  for (const ResolveStep& step : found.steps()) WriteStep(step, writer);
  writer.EndArray();
  writer.Key("candidates");
  writer.BeginArray();
  for (const ResolveCandidate& candidate : found.candidates()) WriteCandidate(candidate, writer);
  writer.EndArray();
  writer.Key("error");
  WriteText(found.error(), writer);
  writer.Key("age_ms");
  writer.Uint64Number(found.age_ms());
  writer.Key("expires_in_ms");
  writer.Uint64Number(found.expires_in_ms());
  writer.EndObject();
  EndLine(writer, &out);
  return out;
}

}  // namespace federation::fedctl
