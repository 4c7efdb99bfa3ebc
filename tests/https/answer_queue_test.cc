#include "https/answer_queue.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation::https {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kDate[] = "Sun, 06 Nov 1994 08:49:37 GMT";

std::string NextBatch(AnswerQueue& queue, bool closing = false) {
  std::string bytes;
  for (const std::string_view part : queue.NextBatch(closing, kDate)) bytes += part;
  return bytes;
}

TEST(AnswerQueueTest, SendsNothingBeforeTheFirstAnswerIsThere) {
  AnswerQueue queue;
  const AnswerQueue::Number first = queue.Expect({}, 1);
  const AnswerQueue::Number second = queue.Expect({}, 2);
  const AnswerQueue::Number third = queue.Expect({}, 4);
  queue.Set(third, {.body = "third"});
  EXPECT_FALSE(queue.has_ready());
  queue.Set(first, {.body = "first"});
  EXPECT_TRUE(queue.has_ready());
  EXPECT_THAT(NextBatch(queue), EndsWith("first"));
  EXPECT_EQ(queue.request_bytes(), 7U);
  EXPECT_FALSE(queue.TakeBatch());
  EXPECT_EQ(queue.request_bytes(), 6U);
  EXPECT_FALSE(queue.has_ready());
  queue.Set(second, {.body = "second"});
  EXPECT_THAT(NextBatch(queue), EndsWith("third"));
  queue.TakeBatch();
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.request_bytes(), 0U);
}

TEST(AnswerQueueTest, TakesEachAnswerOnce) {
  AnswerQueue queue;
  const AnswerQueue::Number number = queue.Expect({}, 0);
  queue.Set(number, {.body = "first"});
  queue.Set(number, {.body = "second"});
  queue.Set(number + 1, {.body = "nobody's"});
  EXPECT_THAT(NextBatch(queue), EndsWith("first"));
  queue.TakeBatch();
  queue.Set(number, {.body = "late"});
  EXPECT_TRUE(queue.empty());
}

TEST(AnswerQueueTest, SaysInTheLastAnswerThatTheConnectionEnds) {
  AnswerQueue queue;
  queue.Add({}, {.body = "first"});
  const AnswerQueue::Number last = queue.Expect({}, 0);
  EXPECT_THAT(NextBatch(queue, true), Not(HasSubstr("Connection")));
  EXPECT_FALSE(queue.TakeBatch());
  queue.Set(last, {.body = "last"});
  EXPECT_THAT(NextBatch(queue, true), HasSubstr("Connection: close\r\n\r\nlast"));
  EXPECT_TRUE(queue.TakeBatch());
}

TEST(AnswerQueueTest, SendsInterimAnswersAsTheyAreAndHeadsWithoutBody) {
  AnswerQueue queue;
  queue.AddInterim("HTTP/1.1 100 Continue\r\n\r\n");
  queue.Add({.without_body = true}, {.body = "body"});
  const std::string bytes = NextBatch(queue);
  EXPECT_THAT(bytes, ::testing::StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(bytes, EndsWith("Content-Length: 4\r\n\r\n"));
}

TEST(AnswerQueueTest, LeavesLongAnswersToBatchesOfTheirOwn) {
  AnswerQueue queue;
  for (int i = 0; i < 3; ++i) queue.Add({}, {.body = std::string(60'000, 'x')});
  for (int i = 0; i < 3; ++i) {
    EXPECT_LT(NextBatch(queue).size(), 61'000U);
    queue.TakeBatch();
  }
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace federation::https
