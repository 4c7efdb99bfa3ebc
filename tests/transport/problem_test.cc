#include "transport/problem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation::transport {
namespace {

TEST(Problem, IsWrittenAsRfc9457Says) {
  const Response response = ToResponse({.status = 400,
                                        .detail = "strong[3].seq: want \"a\" number\n",
                                        .pointer = "/strong/3/seq",
                                        .offset_bytes = 118});
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body,
            R"({"title":"Bad Request","status":400,"detail":"strong[3].seq: want \"a\" number\n",)"
            R"("pointer":"/strong/3/seq","offset":118})");
}

TEST(Problem, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(ToResponse({.status = 404, .detail = "x"}).body,
            R"({"title":"Not Found","status":404,"detail":"x"})");
}

TEST(Problem, EscapesBytesThatAreNotUtf8) {
  const Response response = ToResponse({.status = 400, .detail = "got \xff\"", .pointer = "/\xfe"});
  EXPECT_EQ(response.body,
            R"({"title":"Bad Request","status":400,"detail":"got \\xff\\\"","pointer":"/\\xfe"})");
}

TEST(ReasonPhrase, KnowsTheProtocolsCodes) {
  for (const int status : {200, 400, 401, 403, 404, 405, 408, 411, 413, 415, 429, 431, 500, 503}) {
    EXPECT_NE(ReasonPhrase(status), ReasonPhrase(299)) << status;
  }
  EXPECT_EQ(ReasonPhrase(411), "Length Required");
}

}  // namespace
}  // namespace federation::transport
