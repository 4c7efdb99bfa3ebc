#include <gtest/gtest.h>

#include "fednode/tail_hub.h"

namespace federation::fednode {
namespace {

TailQueue::Event EventOf(const std::string& update) {
  auto event = std::make_shared<admin::v1::TailEvent>();
  event->set_direction(admin::v1::TailEvent::DIRECTION_IN);
  event->set_update(update);
  return event;
}

constexpr std::size_t kEventBytes = sizeof(admin::v1::TailEvent) + 1;

TEST(TailQueue, YieldsEventsInOrder) {
  TailQueue queue(10 * kEventBytes);
  admin::v1::TailEvent event;
  EXPECT_FALSE(queue.Pop(&event));
  queue.Push(EventOf("a"));
  queue.Push(EventOf("b"));
  ASSERT_TRUE(queue.Pop(&event));
  EXPECT_EQ(event.update(), "a");
  ASSERT_TRUE(queue.Pop(&event));
  EXPECT_EQ(event.update(), "b");
  EXPECT_EQ(event.dropped(), 0u);
  EXPECT_FALSE(queue.Pop(&event));
}

TEST(TailQueue, SaysInItsPlaceHowManyEventsWereLeftOut) {
  TailQueue queue(2 * kEventBytes);
  for (const char* update : {"a", "b", "c", "d"}) queue.Push(EventOf(update));
  admin::v1::TailEvent event;
  ASSERT_TRUE(queue.Pop(&event));
  EXPECT_EQ(event.update(), "a");
  queue.Push(EventOf("e"));
  ASSERT_TRUE(queue.Pop(&event));
  EXPECT_EQ(event.update(), "b");
  EXPECT_EQ(event.dropped(), 0u);
  ASSERT_TRUE(queue.Pop(&event));
  EXPECT_EQ(event.update(), "e");
  EXPECT_EQ(event.dropped(), 2u);
  EXPECT_FALSE(queue.Pop(&event));
}

TEST(TailQueue, SaysThatEventsWereLeftOutAlsoWhenNothingFollows) {
  TailQueue queue(kEventBytes);
  queue.Push(EventOf("a"));
  queue.Push(EventOf("b"));
  admin::v1::TailEvent event;
  ASSERT_TRUE(queue.Pop(&event));
  EXPECT_EQ(event.update(), "a");
  ASSERT_TRUE(queue.Pop(&event));
  EXPECT_EQ(event.dropped(), 1u);
  EXPECT_EQ(event.direction(), admin::v1::TailEvent::DIRECTION_UNSPECIFIED);
  EXPECT_FALSE(queue.Pop(&event));
}

}  // namespace
}  // namespace federation::fednode
