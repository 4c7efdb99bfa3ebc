#pragma once

#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "https/harness.h"

namespace federation::https {

class ServerTest : public ::testing::Test {
 protected:
  support::RawTlsConnection Connect(const TestServer& server) {
    return support::ConnectRawTls(server.port(), alpha_, "bravo.test");
  }

  // Whether a peer that behaves is still served.
  void ExpectServes(const TestServer& server) {
    support::RawTlsConnection connection = Connect(server);
    ASSERT_TRUE(connection.Send(GoodRequest("still there?")));
    const std::optional<support::RawMessage> answer = connection.Receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status(), 200);
    EXPECT_THAT(answer->body, ::testing::HasSubstr("still there?"));
  }

  support::TestCa ca_;
  TlsFiles alpha_ = ca_.Issue("alpha.test");
  TlsFiles bravo_ = ca_.Issue("bravo.test");
};

}  // namespace federation::https
