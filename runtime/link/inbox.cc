#include "link/inbox.h"

namespace federation::link {

InboxPlan PlanPush(Seq last, std::size_t strong_count, Seq seq) {
  // An empty push names the last number that its sender takes for delivered.
  if (strong_count == 0) return {seq > last ? InboxPlan::Kind::kHole : InboxPlan::Kind::kRepeat, 0};
  if (seq <= last) return {InboxPlan::Kind::kRepeat, 0};
  const std::uint64_t first = Value(seq) - strong_count + 1;
  const std::uint64_t wanted = Value(last) + 1;
  if (first > wanted) return {InboxPlan::Kind::kHole, 0};
  return {InboxPlan::Kind::kApply, static_cast<std::size_t>(wanted - first)};
}

Answer AnswerPush(const InboxPlan& plan, Seq last) {
  return plan.kind == InboxPlan::Kind::kHole ? Answer::HoleDetected(Next(last)) : Answer::Ok(last);
}

}  // namespace federation::link
