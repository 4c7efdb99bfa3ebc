// Update unions with rules of their own: updates that replace each other, kinds that the schema does not
// have, and kinds that are deprecated.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/outgoing.h"
#include "federation/update.h"

#include "deprecated_cases_are_marked/mail.federation.h"
#include "unknown_update_reaches_handler/garden.federation.h"
#include "weak_update_replaces_older_one/presence.federation.h"

namespace golden {
namespace {

using federation::Delivery;
using federation::Outcome;
using federation::UpdateContext;
using testing::ElementsAre;

// Keeps the keys of weak updates.
class KeyKeeper : public federation::Outgoing {
 public:
  absl::StatusOr<federation::Seq> SendStrong(std::string_view, std::string_view) override {
    return absl::InternalError("unused");
  }
  absl::StatusOr<federation::Seq> SendStrong(federation::Transaction&, std::string_view,
                                             std::string_view) override {
    return absl::InternalError("unused");
  }
  void SendStrongAsync(std::string_view, std::string_view, federation::SendDone done) override {
    done(absl::InternalError("unused"));
  }
  absl::StatusOr<std::vector<federation::Seq>> SendStrongToAll(std::span<const std::string>,
                                                               std::string_view) override {
    return absl::InternalError("unused");
  }
  absl::StatusOr<std::vector<federation::Seq>> SendStrongToAll(federation::Transaction&,
                                                               std::span<const std::string>,
                                                               std::string_view) override {
    return absl::InternalError("unused");
  }
  absl::Status SendWeak(std::string_view, std::string_view, std::string_view replace_key) override {
    keys.emplace_back(replace_key);
    return absl::OkStatus();
  }

  std::vector<std::string> keys;
};

presence::Gaze GazeOf(const std::string& user, std::uint32_t line) {
  presence::Gaze gaze;
  gaze.set_user_id(user);
  gaze.mutable_peer()->set_id(7);
  gaze.set_line(line);
  return gaze;
}

TEST(ReplaceKey, IsTheCaseAndTheFieldsThatTheSchemaNames) {
  KeyKeeper outgoing;
  presence::PresenceUpdateSender sender(outgoing);
  ASSERT_TRUE(sender.SendGaze("b.test", GazeOf("u", 1)).ok());
  ASSERT_TRUE(sender.SendGaze("b.test", GazeOf("u", 2)).ok());
  ASSERT_TRUE(sender.SendGlance("b.test", GazeOf("u", 1)).ok());
  ASSERT_TRUE(sender.SendGaze("b.test", presence::Gaze()).ok());
  ASSERT_TRUE(sender.SendKnock("b.test", presence::Knock()).ok());
  EXPECT_THAT(outgoing.keys, ElementsAre(R"({"update":"gaze","user_id":"u","peer":{"id":7}})",
                                         R"({"update":"gaze","user_id":"u","peer":{"id":7}})",
                                         R"({"update":"side-glance","user_id":"u","peer":{"id":7}})",
                                         R"({"update":"gaze"})", ""));
}

TEST(ReplaceKey, TellsTheCasesOfAOneofApart) {
  KeyKeeper outgoing;
  presence::PresenceUpdateSender sender(outgoing);
  presence::Gaze gaze;
  gaze.set_device(0);
  ASSERT_TRUE(sender.SendGaze("b.test", gaze).ok());
  EXPECT_THAT(outgoing.keys, ElementsAre(R"({"update":"gaze","device":"0"})"));
}

TEST(ReplaceKey, IsTheSameForAnUpdateThatIsSentWhole) {
  KeyKeeper outgoing;
  presence::PresenceUpdateSender sender(outgoing);
  presence::PresenceUpdate update;
  *update.mutable_glance() = GazeOf("u", 1);
  ASSERT_TRUE(sender.SendGlance("b.test", update.glance()).ok());
  ASSERT_TRUE(sender.Send("b.test", update).ok());
  EXPECT_EQ(outgoing.keys[0], outgoing.keys[1]);
  update.mutable_knock();
  ASSERT_TRUE(sender.Send("b.test", update).ok());
  EXPECT_EQ(outgoing.keys[2], "");
}

class Gardener : public garden::GardenUpdateHandler {
 public:
  Outcome OnPlanted(const garden::Planted& planted, const UpdateContext&) override {
    calls.push_back("planted " + planted.name());
    return Outcome::Done();
  }
  Outcome OnUnknown(std::string_view json, const UpdateContext& context) override {
    calls.push_back(std::string(context.origin) + " " + std::string(json));
    return Outcome::Later(std::chrono::seconds(3));
  }

  std::vector<std::string> calls;
};

UpdateContext StrongContext() {
  UpdateContext context;
  context.origin = "alpha.test";
  context.delivery = Delivery::kStrong;
  return context;
}

TEST(UnknownUpdate, ReachesTheHandlerAsItCame) {
  Gardener gardener;
  garden::GardenUpdateReceiver receiver(gardener);
  const std::string watered = R"({"n":[1, 2],"update":"watered"})";
  EXPECT_EQ(receiver.Receive(watered, StrongContext()).kind(), Outcome::Kind::kLater);
  EXPECT_EQ(receiver.Receive(R"({"update":"planted","name":"rose"})", StrongContext()).kind(),
            Outcome::Kind::kDone);
  EXPECT_THAT(gardener.calls, ElementsAre("alpha.test " + watered, "planted rose"));
}

TEST(UnknownUpdate, GoesToTheQuarantineWhereNobodyCares) {
  garden::DefaultGardenUpdateHandler handler;
  garden::GardenUpdateReceiver receiver(handler);
  const Outcome outcome = receiver.Receive(R"({"update":"watered"})", StrongContext());
  EXPECT_EQ(outcome.kind(), Outcome::Kind::kReject);
  EXPECT_EQ(outcome.reason(), "GardenUpdate has no update of this kind");
}

TEST(UnknownUpdate, IsNoUpdateWithoutATag) {
  Gardener gardener;
  garden::GardenUpdateReceiver receiver(gardener);
  EXPECT_EQ(receiver.Receive("{}", StrongContext()).kind(), Outcome::Kind::kReject);
  EXPECT_EQ(Dispatch(garden::GardenUpdate(), StrongContext(), gardener).reason(),
            "no case of GardenUpdate is set");
  EXPECT_TRUE(gardener.calls.empty());
}

// Who still serves what is deprecated is not warned of it: this file is compiled with the strict warnings.
class Postman : public mail::MailUpdateHandler {
 public:
  Outcome OnLetter(const mail::Letter&, const UpdateContext&) override { return Outcome::Done(); }
  Outcome OnPostcard(const mail::Letter& postcard, const UpdateContext&) override {
    last = postcard.text();
    return Outcome::Done();
  }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  Outcome OnTelegram(const mail::Telegram&, const UpdateContext&) override { return Outcome::Done(); }
#pragma GCC diagnostic pop

  std::string last;
};

TEST(DeprecatedUpdate, IsStillServed) {
  Postman postman;
  mail::MailUpdateReceiver receiver(postman);
  EXPECT_EQ(receiver.Receive(R"({"update":"postcard","text":"hi"})", StrongContext()).kind(),
            Outcome::Kind::kDone);
  EXPECT_EQ(postman.last, "hi");
}

}  // namespace
}  // namespace golden
