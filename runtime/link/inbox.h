#pragma once

#include <cstddef>

#include "federation/seq.h"

#include "link/answer.h"

namespace federation::link {

// What a receiver does with the strong updates of a push (proto/PROTOCOL.md, "Receiving").
struct InboxPlan {
  enum class Kind {
    kApply,   // the updates from index `skip` on are new, and the next ones
    kRepeat,  // there is nothing new
    kHole,    // updates before the first one are missing
  };
  Kind kind = Kind::kRepeat;
  std::size_t skip = 0;

  friend bool operator==(const InboxPlan&, const InboxPlan&) = default;
};

// `last` is the highest number up to which everything of the origin is applied; the push carries
// `strong_count` updates, the last of which has the number `seq`. Requires seq >= strong_count, which
// ParsePush checks.
InboxPlan PlanPush(Seq last, std::size_t strong_count, Seq seq);

// The answer to a push that was dealt with as planned, `last` being what is durable now.
Answer AnswerPush(const InboxPlan& plan, Seq last);

}  // namespace federation::link
