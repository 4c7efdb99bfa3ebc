// Whatever bytes a peer sends as a push: it is refused with a place inside of the body, or what it holds is
// whole.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/require.h"
#include "link/inbox.h"
#include "link/push.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace federation;
  using fuzz::Require;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  link::PushView push;
  InboxLimits limits;
  limits.push_updates_max = 16;
  const std::optional<json::DecodeError> error = link::ParsePush(body, limits, &push);
  if (error.has_value()) {
    Require(error->offset_bytes <= size && !error->what.empty());
    return 0;
  }
  Require(push.weak.size() + push.strong.size() <= limits.push_updates_max);
  Require(Value(push.seq) >= push.strong.size());
  for (std::uint64_t last : {std::uint64_t{0}, std::uint64_t{3}, Value(push.seq)}) {
    const link::InboxPlan plan = link::PlanPush(Seq{last}, push.strong.size(), push.seq);
    Require(plan.skip <= push.strong.size());
  }
  // What was taken is written as it was, and read the same again.
  const std::vector<std::string> weak(push.weak.begin(), push.weak.end());
  const std::string again = link::FormatPush(weak, push.strong, push.seq);
  link::PushView second;
  Require(!link::ParsePush(again, limits, &second).has_value());
  Require(second.seq == push.seq && second.weak.size() == weak.size() && second.strong == push.strong);
  return 0;
}
