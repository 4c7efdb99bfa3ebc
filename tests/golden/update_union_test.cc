// Handler, receiver and sender of an update union.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/outgoing.h"
#include "federation/store.h"
#include "federation/update.h"
#include "federation/v1/updates.federation.h"

#include "update_union_gets_handler_and_sender/chat.federation.h"

namespace golden::chat {
namespace {

using federation::Delivery;
using federation::Outcome;
using federation::Seq;
using federation::UpdateContext;
using testing::ElementsAre;
using testing::HasSubstr;

// Keeps what it is given, as text: `strong bravo.test {...}`.
class RecordingOutgoing : public federation::Outgoing {
 public:
  absl::StatusOr<Seq> SendStrong(std::string_view destination, std::string_view json) override {
    return Record("strong", destination, json);
  }
  absl::StatusOr<Seq> SendStrong(federation::Transaction&, std::string_view destination,
                                 std::string_view json) override {
    return Record("transacted", destination, json);
  }
  void SendStrongAsync(std::string_view destination, std::string_view json,
                       federation::SendDone done) override {
    done(Record("asynchronous", destination, json));
  }
  absl::StatusOr<std::vector<Seq>> SendStrongToAll(std::span<const std::string> destinations,
                                                   std::string_view json) override {
    return RecordAll("strong", destinations, json);
  }
  absl::StatusOr<std::vector<Seq>> SendStrongToAll(federation::Transaction&,
                                                   std::span<const std::string> destinations,
                                                   std::string_view json) override {
    return RecordAll("transacted", destinations, json);
  }
  absl::Status SendWeak(std::string_view destination, std::string_view json,
                        std::string_view replace_key) override {
    return Record(replace_key.empty() ? "weak" : "weak " + std::string(replace_key), destination, json)
        .status();
  }

  std::vector<std::string> sent;
  absl::Status answer = absl::OkStatus();

 private:
  absl::StatusOr<std::vector<Seq>> RecordAll(const std::string& how,
                                             std::span<const std::string> destinations,
                                             std::string_view json) {
    std::vector<Seq> numbers;
    for (const std::string& destination : destinations) {
      const absl::StatusOr<Seq> seq = Record(how, destination, json);
      if (!seq.ok()) return seq.status();
      numbers.push_back(*seq);
    }
    return numbers;
  }
  absl::StatusOr<Seq> Record(const std::string& how, std::string_view destination, std::string_view json) {
    if (!answer.ok()) return answer;
    sent.push_back(how + " " + std::string(destination) + " " + std::string(json));
    return Seq{sent.size()};
  }
};

// Transactions are passed through: none of their functions is called.
class NoTransaction : public federation::Transaction {
 public:
  absl::StatusOr<Seq> Append(std::string_view, std::string_view) override { return Unused(); }
  absl::StatusOr<std::vector<Seq>> AppendToAll(std::span<const std::string>, std::string_view) override {
    return Unused();
  }
  absl::StatusOr<federation::LinkNumbers> Renumber(std::string_view, Seq, Seq) override { return Unused(); }
  absl::Status Remove(std::string_view, Seq, Seq) override { return Unused(); }
  absl::StatusOr<federation::Pruned> Prune(std::string_view, const federation::Retention&,
                                           std::size_t) override {
    return Unused();
  }
  absl::Status SetPaused(std::string_view, bool) override { return Unused(); }
  absl::StatusOr<Seq> Last(std::string_view) override { return Unused(); }
  absl::Status SetLast(std::string_view, Seq) override { return Unused(); }
  absl::Status Quarantine(const federation::QuarantinedUpdate&) override { return Unused(); }
  absl::Status SetReason(std::string_view, std::int64_t, std::string_view) override { return Unused(); }
  absl::Status Unquarantine(std::string_view, std::int64_t) override { return Unused(); }

 private:
  static absl::Status Unused() { return absl::InternalError("unused"); }
};

// Keeps the names of the functions that were called.
class RecordingHandler : public ChatUpdateHandler {
 public:
  Outcome OnReaction(const Reaction& reaction, const UpdateContext& context) override {
    calls.push_back("OnReaction " + reaction.emoji() + " from " + std::string(context.origin));
    return Outcome::Done();
  }
  Outcome OnCursorMoved(const Cursor& cursor_moved, const UpdateContext&) override {
    calls.push_back("OnCursorMoved " + std::to_string(cursor_moved.position()));
    return Outcome::Done();
  }
  Outcome OnMessage(const federation::v1::Message& message, const UpdateContext&) override {
    calls.push_back("OnMessage " + message.content().text().text());
    return Outcome::Later(std::chrono::seconds{2});
  }
  Outcome OnContext(const Reaction& context_case, const UpdateContext&) override {
    calls.push_back("OnContext " + context_case.emoji());
    return Outcome::Done();
  }

  std::vector<std::string> calls;
};

UpdateContext ContextOf(Delivery delivery) {
  UpdateContext context;
  context.origin = "alpha.test";
  context.delivery = delivery;
  return context;
}

const UpdateContext kStrong = ContextOf(Delivery::kStrong);
const UpdateContext kWeak = ContextOf(Delivery::kWeak);

ChatUpdate OfReaction() {
  ChatUpdate update;
  update.mutable_reaction()->set_emoji("+1");
  return update;
}

ChatUpdate OfCursor() {
  ChatUpdate update;
  update.mutable_cursor_moved()->set_position(-3);
  return update;
}

TEST(UpdateSender, EncodesTheCaseUnderItsTag) {
  RecordingOutgoing outgoing;
  ChatUpdateSender sender(outgoing);
  Reaction reaction;
  reaction.set_message_id("m");
  Cursor cursor;
  cursor.set_position(4);
  EXPECT_EQ(sender.SendReaction("bravo.test", reaction).value(), Seq{1});
  EXPECT_TRUE(sender.SendCursorMoved("bravo.test", cursor).ok());
  EXPECT_EQ(sender.SendContext("charlie.test", reaction).value(), Seq{3});
  EXPECT_THAT(outgoing.sent, ElementsAre(R"(strong bravo.test {"update":"reaction","message_id":"m"})",
                                         R"(weak bravo.test {"update":"cursor_moved","position":4})",
                                         R"(strong charlie.test {"update":"like","message_id":"m"})"));
}

TEST(UpdateSender, SendsCasesOfTheStandardSchemaByItsRules) {
  RecordingOutgoing outgoing;
  federation::v1::Message message;
  message.mutable_peer()->set_id(7);
  ASSERT_TRUE(ChatUpdateSender(outgoing).SendMessage("b.test", message).ok());
  EXPECT_THAT(outgoing.sent, ElementsAre(R"(strong b.test {"update":"message","peer":{"id":7}})"));
}

TEST(UpdateSender, JoinsATransaction) {
  RecordingOutgoing outgoing;
  NoTransaction transaction;
  ASSERT_TRUE(ChatUpdateSender(outgoing).SendReaction(transaction, "b.test", Reaction()).ok());
  EXPECT_THAT(outgoing.sent, ElementsAre(R"(transacted b.test {"update":"reaction"})"));
}

TEST(UpdateSender, SendsToAllAtOnce) {
  RecordingOutgoing outgoing;
  NoTransaction transaction;
  ChatUpdateSender sender(outgoing);
  const std::vector<std::string> destinations = {"b.test", "c.test"};
  EXPECT_THAT(sender.SendReactionToAll(destinations, Reaction()).value(), ElementsAre(Seq{1}, Seq{2}));
  EXPECT_THAT(sender.SendReactionToAll(transaction, destinations, Reaction()).value(),
              ElementsAre(Seq{3}, Seq{4}));
  EXPECT_THAT(outgoing.sent,
              ElementsAre(R"(strong b.test {"update":"reaction"})", R"(strong c.test {"update":"reaction"})",
                          R"(transacted b.test {"update":"reaction"})",
                          R"(transacted c.test {"update":"reaction"})"));
}

TEST(UpdateSender, SaysWhenAnAsynchronousSendIsDone) {
  RecordingOutgoing outgoing;
  ChatUpdateSender sender(outgoing);
  std::vector<absl::StatusOr<Seq>> done;
  const auto note = [&](const absl::StatusOr<Seq>& seq) { done.push_back(seq); };
  sender.SendReactionAsync("b.test", Reaction(), note);
  Reaction not_utf8;
  not_utf8.set_emoji("\xFF");
  sender.SendReactionAsync("b.test", not_utf8, note);
  ASSERT_EQ(done.size(), 2U);
  EXPECT_EQ(done[0].value(), Seq{1});
  EXPECT_EQ(done[1].status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(outgoing.sent, ElementsAre(R"(asynchronous b.test {"update":"reaction"})"));
}

TEST(UpdateSender, ChoosesTheWayOfAnyUpdateByItsDeliveryClass) {
  RecordingOutgoing outgoing;
  ChatUpdateSender sender(outgoing);
  EXPECT_EQ(sender.Send("b.test", OfReaction()).value(), Seq{1});
  EXPECT_EQ(sender.Send("b.test", OfCursor()).value(), std::nullopt);
  EXPECT_THAT(outgoing.sent, ElementsAre(R"(strong b.test {"update":"reaction","emoji":"+1"})",
                                         R"(weak b.test {"update":"cursor_moved","position":-3})"));
}

TEST(UpdateSender, SendsNothingThatHasNoCaseOrIsNotUtf8) {
  RecordingOutgoing outgoing;
  ChatUpdateSender sender(outgoing);
  Reaction reaction;
  reaction.set_emoji("\xFF");
  EXPECT_EQ(sender.Send("b.test", ChatUpdate()).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(sender.SendReaction("b.test", reaction).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(outgoing.sent.empty());
}

TEST(UpdateSender, HandsErrorsOn) {
  RecordingOutgoing outgoing;
  outgoing.answer = absl::UnavailableError("no disk");
  ChatUpdateSender sender(outgoing);
  EXPECT_EQ(sender.SendReaction("b.test", Reaction()).status(), outgoing.answer);
  EXPECT_EQ(sender.Send("b.test", OfReaction()).status(), outgoing.answer);
  EXPECT_EQ(sender.Send("b.test", OfCursor()).status(), outgoing.answer);
}

TEST(UpdateReceiver, CallsTheFunctionOfTheCase) {
  RecordingHandler handler;
  ChatUpdateReceiver receiver(handler);
  EXPECT_EQ(receiver.Receive(R"({"update":"reaction","emoji":"+1"})", kStrong).kind(), Outcome::Kind::kDone);
  EXPECT_EQ(receiver.Receive(R"({"position":-3,"update":"cursor_moved"})", kWeak).kind(),
            Outcome::Kind::kDone);
  EXPECT_EQ(receiver.Receive(R"({"update":"like"})", kStrong).kind(), Outcome::Kind::kDone);
  const Outcome later =
      receiver.Receive(R"({"update":"message","content":{"type":"text","text":"hi"}})", kStrong);
  EXPECT_EQ(later.kind(), Outcome::Kind::kLater);
  EXPECT_EQ(later.delay(), std::chrono::seconds{2});
  EXPECT_THAT(handler.calls,
              ElementsAre("OnReaction +1 from alpha.test", "OnCursorMoved -3", "OnContext ", "OnMessage hi"));
}

TEST(UpdateReceiver, ForgetsTheUpdateBefore) {
  RecordingHandler handler;
  ChatUpdateReceiver receiver(handler);
  receiver.Receive(R"({"update":"like","emoji":"+1"})", kStrong);
  receiver.Receive(R"({"update":"like"})", kStrong);
  EXPECT_THAT(handler.calls, ElementsAre("OnContext +1", "OnContext "));
}

TEST(UpdateReceiver, RejectsWhatItCannotDecode) {
  RecordingHandler handler;
  ChatUpdateReceiver receiver(handler);
  const Outcome unknown = receiver.Receive(R"({"update":"dance"})", kStrong);
  EXPECT_EQ(unknown.kind(), Outcome::Kind::kReject);
  EXPECT_EQ(unknown.reason(), R"(update: unknown update "dance" (byte 10))");
  EXPECT_EQ(receiver.Receive("{}", kStrong).kind(), Outcome::Kind::kReject);
  EXPECT_EQ(receiver.Receive("[", kWeak).kind(), Outcome::Kind::kReject);
  EXPECT_TRUE(handler.calls.empty());
}

TEST(UpdateReceiver, RefusesUnknownKeysIfItIsTold) {
  RecordingHandler handler;
  const std::string json = R"({"update":"reaction","mood":1})";
  EXPECT_EQ(ChatUpdateReceiver(handler).Receive(json, kStrong).kind(), Outcome::Kind::kDone);
  ChatUpdateReceiver strict(handler, {.unknown_keys = federation::json::DecodeOptions::UnknownKeys::kRefuse});
  EXPECT_THAT(strict.Receive(json, kStrong).reason(), HasSubstr("mood: unknown key"));
}

// A peer that mixes up the lists of a push must not get a handler to use a transaction that is not there.
TEST(UpdateReceiver, RejectsStrongUpdatesThatComeAsWeakOnes) {
  RecordingHandler handler;
  ChatUpdateReceiver receiver(handler);
  EXPECT_EQ(receiver.Receive(R"({"update":"reaction"})", kWeak).kind(), Outcome::Kind::kReject);
  EXPECT_EQ(receiver.Receive(R"({"update":"cursor_moved"})", kStrong).kind(), Outcome::Kind::kDone);
  EXPECT_THAT(handler.calls, ElementsAre("OnCursorMoved 0"));
}

TEST(DefaultUpdateHandler, TakesWhatIsNotOverridden) {
  DefaultChatUpdateHandler handler;
  EXPECT_EQ(Dispatch(OfReaction(), kStrong, handler).kind(), Outcome::Kind::kDone);
  EXPECT_EQ(Dispatch(OfCursor(), kWeak, handler).kind(), Outcome::Kind::kDone);
}

TEST(Dispatch, RejectsUpdatesWithoutACase) {
  RecordingHandler handler;
  EXPECT_EQ(Dispatch(ChatUpdate(), kStrong, handler).reason(), "no case of ChatUpdate is set");
}

TEST(DeliveryOf, IsThatOfTheCaseMessage) {
  EXPECT_EQ(DeliveryOf(OfReaction()), Delivery::kStrong);
  EXPECT_EQ(DeliveryOf(OfCursor()), Delivery::kWeak);
  EXPECT_EQ(DeliveryOf(ChatUpdate()), std::nullopt);
}

}  // namespace
}  // namespace golden::chat
