// What comes of a destination's answers.
#include "delivery/outbound_fixture.h"

namespace federation::delivery {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::StartsWith;
using State = LinkStatus::State;

class OutboundAnswers : public OutboundFixture {};

TEST_F(OutboundAnswers, TakesWhatIsNoAckForNoAnswer) {
  int number = 0;
  for (const char* body : {"", "{}", "[]", "null", "<html>", R"({"receive":"ok"})", R"({"receive":"no"})",
                           R"({"receive":"ok","seq":-1})", R"({"receive":"ok","seq":1}x)",
                           R"({"receive":"hole_detected"})", "\xff\xfe"}) {
    SCOPED_TRACE(body);
    const std::string peer = "b" + std::to_string(++number) + ".test";
    LetPeerFail(Http(200, body));
    Append(1, 1, peer);
    Run();
    const LinkStatus status = Status(peer);
    EXPECT_EQ(status.counters.unreachable, 1U);
    EXPECT_EQ(status.acked, Seq{0});
    EXPECT_THAT(status.last_error, StartsWith("the answer is no ack: "));
    EXPECT_LE(Delay(), seconds(1));
  }
}

TEST_F(OutboundAnswers, ActsOnTheKindOfAFailure) {
  struct Row {
    absl::StatusOr<PushAnswer> answer;
    milliseconds delay;
    State state;
    std::uint64_t LinkCounters::* counter;
  };
  PushAnswer busy = Http(503);
  busy.retry_after = seconds(40);
  PushAnswer limited = Http(429);
  limited.retry_after = hours(50);
  const Row rows[] = {
      {absl::UnavailableError("no"), seconds(1), State::kWaiting, &LinkCounters::unreachable},
      {absl::DeadlineExceededError("no"), seconds(1), State::kWaiting, &LinkCounters::unreachable},
      {Http(500), seconds(1), State::kWaiting, &LinkCounters::unreachable},
      {Http(502, "<html>"), seconds(1), State::kWaiting, &LinkCounters::unreachable},
      {Http(302), seconds(1), State::kWaiting, &LinkCounters::unreachable},
      {Http(204), seconds(1), State::kWaiting, &LinkCounters::unreachable},
      {Http(503), seconds(1), State::kWaiting, &LinkCounters::busy},
      {busy, seconds(40), State::kWaiting, &LinkCounters::busy},
      {limited, hours(1), State::kWaiting, &LinkCounters::busy},
      {Http(400), minutes(1), State::kRefused, &LinkCounters::refused},
      {Http(403), minutes(1), State::kRefused, &LinkCounters::refused},
      {Http(404), minutes(1), State::kRefused, &LinkCounters::refused},
  };
  for (const Row& row : rows) {
    Restart();
    LetPeerFail(row.answer);
    Append(1, 1);
    Run();
    const LinkStatus status = Status();
    SCOPED_TRACE(status.last_error);
    EXPECT_EQ(status.counters.*row.counter, 1U);
    EXPECT_EQ(status.state, row.state);
    EXPECT_EQ(Delay(), row.delay);
    EXPECT_EQ(status.retry_at, world_.loop.WallNow() + row.delay);
    EXPECT_NE(status.last_error, "");
    // The failure is behind it for the next row.
    LetPeerAnswer();
    world_.Advance(row.delay);
    EXPECT_EQ(Status().pending(), 0U);
    EXPECT_EQ(Status().last_error, "");
  }
}

TEST_F(OutboundAnswers, SaysWhyThePeerRefuses) {
  const std::string words = std::string(199, 'a') + "\xc3\xa9";
  LetPeerFail(Http(400, R"({"detail":")" + words + R"("})"));
  Append(1, 1);
  Run();
  EXPECT_EQ(Status().last_error, "HTTP 400: " + std::string(199, 'a') + "...");
}

TEST_F(OutboundAnswers, GoesAgainAtOnceWhenAnIdleConnectionWasClosed) {
  Probe();
  Append(1, 1);
  Run();
  world_.transport.Answer(absl::AbortedError("closed"));
  Run();
  ASSERT_EQ(world_.transport.waiting(), 1U);
  world_.transport.Answer(absl::AbortedError("closed"));
  Run();
  EXPECT_EQ(world_.transport.waiting(), 0U);
  EXPECT_LE(Delay(), seconds(2));
}

TEST_F(OutboundAnswers, SendsAgainWhatThePeerHasLost) {
  LetPeerAnswer();
  Append(1, 5);
  Run();
  peer_.strong.resize(2);
  Append(6, 6);
  Run();
  EXPECT_THAT(peer_.strong, ElementsAreArray(All(1, 6)));
  EXPECT_EQ(Status().counters.peer_store_restored, 1U);
  EXPECT_EQ(Status().loss, "") << "it has got all of it again";
}

TEST_F(OutboundAnswers, TellsWhatIsDelivered) {
  std::vector<std::uint64_t> delivered;
  std::vector<Pushed::Result> pushed;
  observers_.delivered = [&](const Delivered& update) {
    EXPECT_EQ(update.destination, kPeer);
    delivered.push_back(Value(update.up_to));
  };
  observers_.pushed = [&](const Pushed& push) { pushed.push_back(push.result); };
  Probe();
  Append(1, 2);
  Run();
  world_.transport.Answer(FormatAnswer(link::Answer::Wait(seconds(1))));
  Run();
  LetPeerAnswer();
  world_.Advance(seconds(1));
  Append(3, 3);
  Run();
  EXPECT_THAT(delivered, ElementsAre(2, 3));
  using Result = Pushed::Result;
  EXPECT_THAT(pushed,
              ElementsAre(Result::kAcked, Result::kAcked, Result::kWait, Result::kAcked, Result::kAcked));
}

}  // namespace
}  // namespace federation::delivery
