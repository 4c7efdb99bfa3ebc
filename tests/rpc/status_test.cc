#include <gtest/gtest.h>

#include "federation/rpc.h"

namespace federation {
namespace {

using std::chrono::seconds;

TEST(RpcStatus, SaysWhenToComeAgain) {
  const absl::Status status = Wait(seconds(5));
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_EQ(RetryAfter(status), seconds(5));
  EXPECT_TRUE(CanRetry(status));
  EXPECT_EQ(RetryAfter(absl::UnavailableError("")), std::nullopt);
  EXPECT_EQ(RetryAfter(absl::OkStatus()), std::nullopt);
}

TEST(RpcStatus, MayBeRepeatedIfItSaysSoOrIsUnavailable) {
  EXPECT_TRUE(CanRetry(absl::UnavailableError("")));
  EXPECT_FALSE(CanRetry(WithCanRetry(absl::UnavailableError(""), false)));
  EXPECT_FALSE(CanRetry(absl::InternalError("")));
  EXPECT_TRUE(CanRetry(WithCanRetry(absl::InternalError(""), true)));
  EXPECT_FALSE(CanRetry(absl::OkStatus()));
}

}  // namespace
}  // namespace federation
