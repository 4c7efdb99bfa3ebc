#include "rpc/repeats.h"

#include <gtest/gtest.h>

#include "federation/rpc.h"

#include "rpc/status.h"

namespace federation::rpc {
namespace {

using namespace std::chrono_literals;
using Pause = std::optional<std::chrono::milliseconds>;

constexpr double kAlmostOne = 0.9999;

Pause PauseAfter(const absl::Status& failure, int tries = 1, std::chrono::milliseconds left = 1h,
                 double random = 0.5) {
  return PauseBeforeRepeat({failure, tries, 4, left}, {}, random);
}

TEST(Repeats, AreForWhatMaySucceedLater) {
  EXPECT_TRUE(PauseAfter(absl::UnavailableError("")).has_value());
  EXPECT_TRUE(PauseAfter(WithCanRetry(absl::AbortedError(""), true)).has_value());
  EXPECT_FALSE(PauseAfter(WithCanRetry(absl::UnavailableError(""), false)).has_value());
  for (const absl::StatusCode code :
       {absl::StatusCode::kInternal, absl::StatusCode::kPermissionDenied, absl::StatusCode::kDeadlineExceeded,
        absl::StatusCode::kCancelled, absl::StatusCode::kResourceExhausted, absl::StatusCode::kUnknown}) {
    EXPECT_FALSE(PauseAfter(absl::Status(code, "")).has_value()) << code;
  }
}

TEST(Repeats, ComeAfterATimeBelowACeilingThatDoubles) {
  const absl::Status failure = absl::UnavailableError("");
  EXPECT_EQ(PauseAfter(failure, 1), Pause(100ms));
  EXPECT_EQ(PauseAfter(failure, 2), Pause(200ms));
  EXPECT_EQ(PauseAfter(failure, 3), Pause(400ms));
  EXPECT_EQ(PauseAfter(failure, 1, 1h, 0), Pause(0ms));
  EXPECT_EQ(PauseAfter(failure, 1, 1h, kAlmostOne), Pause(199ms));
  EXPECT_EQ(PauseBeforeRepeat({failure, 1000, 2000, 1h}, {}, 0.5), Pause(5s));
}

TEST(Repeats, ComeWhenTheDestinationWantsThem) {
  EXPECT_EQ(PauseAfter(Wait(7s), 1), Pause(7s));
  EXPECT_EQ(PauseAfter(Wait(7s), 3, 1h, 0), Pause(7s));
  EXPECT_EQ(PauseAfter(WithRetryAfter(absl::UnavailableError(""), 9s)), Pause(9s));
}

TEST(Repeats, AreBoundedInNumber) {
  EXPECT_TRUE(PauseAfter(Wait(1s), 3).has_value());
  EXPECT_FALSE(PauseAfter(Wait(1s), 4).has_value());
}

TEST(Repeats, ComeWithinTheDeadlineOrNotAtAll) {
  EXPECT_TRUE(PauseAfter(Wait(5s), 1, 5001ms).has_value());
  EXPECT_FALSE(PauseAfter(Wait(5s), 1, 5s).has_value());
  EXPECT_FALSE(PauseAfter(absl::UnavailableError(""), 1, 100ms).has_value());
  EXPECT_FALSE(PauseAfter(absl::UnavailableError(""), 1, -1s, 0).has_value());
}

}  // namespace
}  // namespace federation::rpc
