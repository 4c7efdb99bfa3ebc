#include "node/admission.h"

#include "log/log.h"

namespace federation::node {
namespace {

void AddOne(std::atomic<std::uint64_t>& count) { count.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

absl::Status Admission::CheckOrigin(std::string_view origin, Kind kind) {
  absl::Status status = access_.Check(origin);
  if (!status.ok()) {
    AddOne(CountsOf(kind).denied);
    Log().debug("{} was denied", origin);
  }
  return status;
}

std::optional<std::chrono::seconds> Admission::Take(std::string_view origin, Kind kind, std::size_t bytes) {
  const std::optional<OriginRates::Excess> excess = rates_.Take(origin, bytes, clock_());
  if (!excess.has_value()) return std::nullopt;
  const bool is_number = excess->kind == OriginRates::Excess::Kind::kNumber;
  Counts& counts = CountsOf(kind);
  AddOne(is_number ? counts.over_rate : counts.over_bytes);
  Log().debug("{} is told to wait {} s: too many {}", origin, excess->wait.count(),
              is_number ? "requests" : "bytes");
  return excess->wait;
}

void Admission::AddTo(Refusals* refusals) const {
  const auto add = [this](Kind kind, Refusals::Counts* to) {
    const Counts& counts = counts_.at(static_cast<std::size_t>(kind));
    to->denied += counts.denied.load(std::memory_order_relaxed);
    to->over_rate += counts.over_rate.load(std::memory_order_relaxed);
    to->over_bytes += counts.over_bytes.load(std::memory_order_relaxed);
  };
  add(Kind::kPush, &refusals->pushes);
  add(Kind::kRequest, &refusals->requests);
  add(Kind::kOther, &refusals->others);
}

}  // namespace federation::node
