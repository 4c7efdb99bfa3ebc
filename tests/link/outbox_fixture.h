#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <gtest/gtest.h>

#include "link/outbox.h"

namespace federation::link {

// Outboxes whose jitter is always the whole delay, so that times can be told.
class OutboxFixture : public testing::Test {
 protected:
  using Failure = Outbox::Failure;
  using Pause = Outbox::Pause;
  using State = Outbox::State;

  static constexpr Outbox::Time kStart{};

  static Outbox::Rest RestOf(std::uint64_t assigned, std::uint64_t acked) {
    Outbox::Rest rest;
    rest.numbers = {Seq{assigned}, Seq{acked}};
    rest.assigned_at_open = Seq{assigned};
    return rest;
  }
  // One that has not compared numbers with its destination yet.
  static Outbox Make(std::uint64_t assigned, std::uint64_t acked, const OutboxLimits& limits = {}) {
    return Outbox(limits, RestOf(assigned, acked), [] { return 1.0; });
  }
  static Outbox MakeProbed(std::uint64_t assigned, std::uint64_t acked, const OutboxLimits& limits = {}) {
    Outbox::Rest rest = RestOf(assigned, acked);
    rest.probed = true;
    return Outbox(limits, rest, [] { return 1.0; });
  }

  // What stands in a push of the updates first .. last, or of none.
  struct Content {
    std::uint64_t first = 0;
    std::size_t updates = 0;
    std::size_t bytes = 100;
    bool weak = false;
    bool expired = false;
  };
  // Makes the push that the outbox wants, which has to start at `content.first`.
  static void Send(Outbox& outbox, const Content& content, Outbox::Time now = kStart) {
    const std::optional<Outbox::Push> push = outbox.Poll(now);
    ASSERT_TRUE(push.has_value()) << "of " << content.first;
    EXPECT_EQ(push->first, Seq{content.first});
    EXPECT_LE(content.updates, push->updates_max);
    if (content.weak) {
      EXPECT_TRUE(push->takes_weak);
    }
    outbox.Sent(content.updates, content.bytes, content.weak, content.expired);
  }
  static bool HasPush(Outbox& outbox, Outbox::Time now = kStart) {
    Outbox copy = outbox;
    return copy.Poll(now).has_value();
  }
};

}  // namespace federation::link
