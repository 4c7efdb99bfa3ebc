#include "https/http_head.h"

#include <string>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation::https {
namespace {

using ::testing::HasSubstr;

TEST(HeadFinder, FindsTheEndHoweverTheBytesCome) {
  const std::string bytes = "GET / HTTP/1.1\r\nHost: b\r\n\r\nbody\r\n\r\n";
  const std::size_t head_bytes = bytes.find("body");
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    HeadFinder finder(head_bytes, 100);
    std::size_t come = 0;
    HeadFinder::State state = HeadFinder::State::kPartial;
    while (state == HeadFinder::State::kPartial) {
      EXPECT_LT(come, head_bytes);
      come = std::min(come + step, bytes.size());
      state = finder.Find(std::string_view(bytes).substr(0, come));
    }
    EXPECT_EQ(state, HeadFinder::State::kComplete) << step;
    EXPECT_EQ(finder.head_bytes(), head_bytes);
  }
}

TEST(HeadFinder, RefusesOneByteTooMuch) {
  const std::string head = "GET / HTTP/1.1\r\n\r\n";
  EXPECT_EQ(HeadFinder(head.size(), 100).Find(head), HeadFinder::State::kComplete);
  EXPECT_EQ(HeadFinder(head.size() - 1, 100).Find(head), HeadFinder::State::kTooLong);
  EXPECT_EQ(HeadFinder(5, 100).Find("12345"), HeadFinder::State::kPartial);
  EXPECT_EQ(HeadFinder(5, 100).Find("123456"), HeadFinder::State::kTooLong);
}

TEST(HeadFinder, RefusesBareLineFeeds) {
  EXPECT_EQ(HeadFinder(100, 100).Find("\n"), HeadFinder::State::kMalformed);
  EXPECT_EQ(HeadFinder(100, 100).Find("GET / HTTP/1.1\n"), HeadFinder::State::kMalformed);
  EXPECT_EQ(HeadFinder(100, 100).Find("GET / HTTP/1.1\r\n\n"), HeadFinder::State::kMalformed);
}

TEST(ParseRequestHead, ReadsHowLongTheSenderWaits) {
  const auto parse = [](const std::string& headers) {
    const auto head = ParseRequestHead("GET / HTTP/1.1\r\nHost: b\r\n" + headers + "\r\n", 1000);
    return std::get<RequestHead>(head).timeout;
  };
  EXPECT_EQ(parse(""), std::nullopt);
  EXPECT_EQ(parse("Federation-Timeout: 5000\r\n"), std::chrono::milliseconds(5000));
  EXPECT_EQ(parse("federation-timeout: 0\r\n"), std::chrono::milliseconds(0));
  EXPECT_EQ(parse("Federation-Timeout: 999999999999999999\r\n"),
            std::chrono::milliseconds(999'999'999'999'999'999));
}

AnswerHead ParsedAnswer(const std::string& head) {
  const absl::StatusOr<AnswerHead> parsed = ParseAnswerHead(head, 1000);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.value_or(AnswerHead{});
}

TEST(ParseAnswerHead, ReadsWhatTheClientNeeds) {
  const AnswerHead head = ParsedAnswer(
      "HTTP/1.1 503 Busy\r\nContent-Type: Application/Problem+JSON;x=y\r\nContent-Length: 7\r\nRetry-After: "
      "30\r\n\r\n");
  EXPECT_EQ(head.status, 503);
  EXPECT_EQ(head.content_type, "application/problem+json");
  EXPECT_EQ(head.content_length_bytes, 7u);
  EXPECT_EQ(head.retry_after, std::chrono::seconds(30));
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.is_interim());
}

TEST(ParseAnswerHead, KnowsWhetherTheConnectionStaysOpen) {
  EXPECT_FALSE(ParsedAnswer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").keep_alive);
  EXPECT_FALSE(ParsedAnswer("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").keep_alive);
  EXPECT_TRUE(
      ParsedAnswer("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(ParseAnswerHead, WantsNoLengthWhereThereIsNoBody) {
  EXPECT_EQ(ParsedAnswer("HTTP/1.1 204 No Content\r\n\r\n").content_length_bytes, 0u);
  EXPECT_EQ(ParsedAnswer("HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n").content_length_bytes, 0u);
  EXPECT_TRUE(ParsedAnswer("HTTP/1.1 100 Continue\r\n\r\n").is_interim());
}

TEST(ParseAnswerHead, IgnoresARetryAfterThatIsADate) {
  EXPECT_FALSE(
      ParsedAnswer(
          "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n\r\n")
          .retry_after);
}

TEST(ParseAnswerHead, RefusesAnswersOfDoubtfulLength) {
  struct Case {
    std::string head;
    const char* reason;
  };
  const Case cases[] = {
      {"HTTP/1.1 200 OK\r\n\r\n", "none or several"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", "none or several"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1,1\r\n\r\n", "want a number"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", "at most 1000 bytes"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "Transfer-Encoding"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "Transfer-Encoding"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", "Transfer-Encoding"},
      {"HTTP/1.1 006 OK\r\nContent-Length: 1\r\n\r\n", "100 to 599"},
      {"HTTP/1.1 600 OK\r\nContent-Length: 1\r\n\r\n", "100 to 599"},
      {"HTTP/1.1 101 Switching\r\n\r\n", "another protocol"},
      {"HTTP/2 200\r\n\r\n", "bad version"},
      {"220 mail.example ESMTP\r\n\r\n", "bad version"},
  };
  for (const Case& test : cases) {
    const absl::Status status = ParseAnswerHead(test.head, 1000).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << test.head;
    EXPECT_THAT(std::string(status.message()), HasSubstr(test.reason)) << test.head;
  }
}

}  // namespace
}  // namespace federation::https
