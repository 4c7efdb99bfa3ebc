#include "rpc/answer.h"

#include <string>

#include <absl/strings/match.h>
#include <gtest/gtest.h>

#include "federation/rpc.h"

namespace federation::rpc {
namespace {

using std::chrono::seconds;

struct Pair {
  absl::Status status;
  const char* body;
};

// Both ways: what is written is read as it was.
TEST(Answer, CarriesAFailureToItsCaller) {
  const Pair kPairs[] = {
      {absl::PermissionDeniedError("no"),
       R"({"result":"error","code":"PERMISSION_DENIED","message":"no","can_retry":false})"},
      {absl::NotFoundError(""), R"({"result":"error","code":"NOT_FOUND","message":"","can_retry":false})"},
      {absl::CancelledError("c"), R"({"result":"error","code":"CANCELLED","message":"c","can_retry":false})"},
      {absl::DeadlineExceededError("\"late\"\n"),
       R"({"result":"error","code":"DEADLINE_EXCEEDED","message":"\"late\"\n","can_retry":false})"},
      {WithCanRetry(absl::AbortedError("again"), true),
       R"({"result":"error","code":"ABORTED","message":"again","can_retry":true})"},
      {absl::UnavailableError("later"),
       R"({"result":"error","code":"UNAVAILABLE","message":"later","can_retry":true})"},
      {WithCanRetry(absl::UnavailableError("gone for good"), false),
       R"({"result":"error","code":"UNAVAILABLE","message":"gone for good","can_retry":false})"},
      {Wait(seconds(5)), R"({"result":"wait","wait":5})"},
      {Wait(seconds(0)), R"({"result":"wait","wait":1})"},
      {Wait(seconds(-7)), R"({"result":"wait","wait":1})"},
      {Wait(seconds(100'000)), R"({"result":"wait","wait":3600})"},
  };
  for (const auto& [status, body] : kPairs) {
    EXPECT_EQ(FormatFailure(status), body);
    const absl::Status read = ParseAnswer(body);
    EXPECT_EQ(read.code(), status.code()) << body;
    EXPECT_EQ(std::string(read.message()), std::string(status.message())) << body;
    EXPECT_EQ(RetryAfter(read), RetryAfter(status)) << body;
    EXPECT_EQ(CanRetry(read), CanRetry(status)) << body;
  }
}

TEST(Answer, CarriesEveryCode) {
  for (int code = 1; code <= 16; ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code), "m");
    EXPECT_EQ(ParseAnswer(FormatFailure(status)).code(), status.code());
  }
}

TEST(Answer, IsReadableWhateverBytesAHandlerSays) {
  EXPECT_EQ(ParseAnswer(FormatFailure(absl::InternalError("\xFF!"))).message(), "\\xff!");
}

TEST(Answer, CutsMessagesThatNoCallerWouldTake) {
  std::string text = "x";  // so that the cut falls into a character
  for (int i = 0; i < 100'000; ++i) text += "\xC3\xA9";
  const absl::Status got = ParseAnswer(FormatFailure(absl::NotFoundError(text)));
  EXPECT_EQ(got.code(), absl::StatusCode::kNotFound);
  EXPECT_LE(got.message().size(), 4100U);
  EXPECT_TRUE(absl::EndsWith(got.message(), "\xC3\xA9...")) << got.message().substr(4000);
}

TEST(Answer, IsUnderstoodFromForeignServers) {
  const Pair kPairs[] = {
      {absl::OkStatus(), R"({"result":"ok"})"},
      {absl::OkStatus(), R"({"users":[{"result":"error"}],"result":"ok"})"},
      {absl::UnknownError("m"), R"({"result":"error","code":"NO_SUCH_CODE","message":"m"})"},
      {absl::UnknownError("m"), R"({"result":"error","code":"OK","message":"m"})"},
      {absl::UnknownError("m"), R"({"result":"error","code":"permission_denied","message":"m"})"},
      {absl::UnknownError(""), R"({"result":"error"})"},
      {absl::NotFoundError("m"), R"({"more":1,"message":"m","code":"NOT_FOUND","result":"error"})"},
      {Wait(seconds(1)), R"({"result":"wait"})"},
      {Wait(seconds(7)), R"({"wait":"7","result":"wait"})"},
      {Wait(seconds(3600)), R"({"result":"wait","wait":18446744073709551615})"},
  };
  for (const auto& [want, body] : kPairs) {
    const absl::Status read = ParseAnswer(body);
    EXPECT_EQ(read.code(), want.code()) << body;
    EXPECT_EQ(std::string(read.message()), std::string(want.message())) << body;
    EXPECT_EQ(RetryAfter(read), RetryAfter(want)) << body;
  }
}

TEST(Answer, IsInternalIfItIsNone) {
  constexpr const char* kRows[][2] = {
      {"", "the answer is malformed: want an object, got the end of the document (byte 0)"},
      {"null", "the answer is malformed: want an object, got null (byte 0)"},
      {"{}", "the answer is malformed: want the key \"result\", got none (byte 0)"},
      {R"({"result":"later"})", "the answer is malformed: result: unknown result \"later\" (byte 10)"},
      {R"({"result":7})", "the answer is malformed: result: want a string, got 7 (byte 10)"},
      {R"({"result":"wait","wait":-1})",
       "the answer is malformed: wait: want an integer from 0 to 18446744073709551615, got -1 (byte 24)"},
      {R"({"result":"error","code":5})", "the answer is malformed: code: want a string, got 5 (byte 25)"},
      {R"({"result":"error"} x)", "the answer is malformed: want the end of the document, got x (byte 19)"},
  };
  for (const auto& [body, want] : kRows) {
    const absl::Status status = ParseAnswer(body);
    EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << body;
    EXPECT_EQ(std::string(status.message()), want) << body;
  }
}

TEST(StatusOfHttp, IsThatOfTheTable) {
  struct Row {
    int http_status;
    absl::StatusCode want;
  };
  constexpr Row kRows[] = {
      {400, absl::StatusCode::kInvalidArgument},  {401, absl::StatusCode::kUnauthenticated},
      {403, absl::StatusCode::kPermissionDenied}, {404, absl::StatusCode::kNotFound},
      {405, absl::StatusCode::kUnknown},          {413, absl::StatusCode::kResourceExhausted},
      {429, absl::StatusCode::kUnavailable},      {500, absl::StatusCode::kUnknown},
      {503, absl::StatusCode::kUnavailable},      {201, absl::StatusCode::kUnknown},
      {302, absl::StatusCode::kUnknown},
  };
  for (const Row& row : kRows) {
    const absl::Status status = StatusOfHttp(row.http_status, std::nullopt, "words");
    EXPECT_EQ(status.code(), row.want) << row.http_status;
    EXPECT_EQ(status.message(), "words");
    EXPECT_EQ(RetryAfter(status), std::nullopt);
  }
}

TEST(StatusOfHttp, SaysWhenToComeAgainIfThePeerIsBusy) {
  EXPECT_EQ(RetryAfter(StatusOfHttp(503, seconds(7), "")), seconds(7));
  EXPECT_EQ(RetryAfter(StatusOfHttp(429, seconds(0), "")), seconds(1));
  EXPECT_EQ(RetryAfter(StatusOfHttp(403, seconds(7), "")), std::nullopt);
}

}  // namespace
}  // namespace federation::rpc
