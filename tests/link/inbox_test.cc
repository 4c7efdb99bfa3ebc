#include "link/inbox.h"

#include <gtest/gtest.h>

namespace federation::link {
namespace {

struct Row {
  const char* name;
  std::uint64_t last;
  std::size_t strong_count;
  std::uint64_t seq;
  InboxPlan plan;
};

using Kind = InboxPlan::Kind;

// The table of "Receiving" in proto/PROTOCOL.md, with its edges.
constexpr Row kRows[] = {
    {"the next update", 0, 1, 1, {Kind::kApply, 0}},
    {"the next updates", 5, 3, 8, {Kind::kApply, 0}},
    {"some known, some new", 5, 3, 7, {Kind::kApply, 1}},
    {"all known but the last", 5, 6, 6, {Kind::kApply, 5}},
    {"all known", 5, 3, 5, {Kind::kRepeat, 0}},
    {"all long known", 5, 1, 2, {Kind::kRepeat, 0}},
    {"one missing", 5, 1, 7, {Kind::kHole, 0}},
    {"the first one missing", 0, 1, 2, {Kind::kHole, 0}},
    {"empty, at our number", 5, 0, 5, {Kind::kRepeat, 0}},
    {"empty, before our number", 5, 0, 0, {Kind::kRepeat, 0}},
    {"empty, beyond our number", 5, 0, 6, {Kind::kHole, 0}},
    {"empty, at the start", 0, 0, 0, {Kind::kRepeat, 0}},
};

TEST(Inbox, PlansEachKindOfPush) {
  for (const Row& row : kRows) {
    EXPECT_EQ(PlanPush(Seq{row.last}, row.strong_count, Seq{row.seq}), row.plan) << row.name;
  }
}

TEST(Inbox, AnswersWithItsNumberOrTheFirstMissingOne) {
  EXPECT_EQ(AnswerPush({Kind::kApply, 0}, Seq{8}), Answer::Ok(Seq{8}));
  EXPECT_EQ(AnswerPush({Kind::kRepeat, 0}, Seq{5}), Answer::Ok(Seq{5}));
  EXPECT_EQ(AnswerPush({Kind::kHole, 0}, Seq{5}), Answer::HoleDetected(Seq{6}));
}

}  // namespace
}  // namespace federation::link
