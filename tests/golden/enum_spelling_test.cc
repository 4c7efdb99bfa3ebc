// Enums that fields spell in another way, and what is kept of what a schema does not know.
#include <optional>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/json/codec.h"
#include "federation/json/unknown.h"

#include "enums_are_spelled_as_the_field_says/ticket.federation.h"

namespace golden::ticket {
namespace {

using federation::json::Decode;
using federation::json::DecodeOptions;
using federation::json::Encode;
using federation::json::UnknownJson;
using federation::json::UnknownObjectJson;

std::string ErrorOf(std::string_view json) {
  Ticket ticket;
  return std::string(Decode(json, &ticket).message());
}

TEST(EnumSpelling, IsTheFieldsOwn) {
  Ticket ticket;
  ticket.set_state(STATE_OPEN);
  ticket.set_before(STATE_OPEN);
  ticket.set_after(STATE_ON_HOLD);
  ticket.add_all(STATE_OPEN);
  (*ticket.mutable_by_user())["u"] = STATE_OPEN;
  const std::string json =
      R"({"state":"open","before":"STATE_OPEN","after":"paused","all":["STATE_OPEN"],"byUser":{"u":"STATE_OPEN"}})";
  EXPECT_EQ(Encode(ticket).value(), json);
  Ticket read;
  ASSERT_TRUE(Decode(json, &read).ok());
  EXPECT_EQ(Encode(read).value(), json);
  EXPECT_EQ(ErrorOf(R"({"before":"open"})"), "before: want an enum value, got \"open\" (byte 10)");
}

TEST(UnknownEnumName, IsKeptWhereTheSchemaSaysSo) {
  const std::string json = R"({"state":"closed","after":"GONE"})";
  Ticket ticket;
  ASSERT_TRUE(Decode(json, &ticket).ok());
  EXPECT_EQ(ticket.state(), STATE_UNSPECIFIED);
  EXPECT_FALSE(ticket.has_after());
  EXPECT_EQ(UnknownJson(ticket, Ticket::kStateFieldNumber), "\"closed\"");
  EXPECT_EQ(UnknownJson(ticket, Ticket::kAfterFieldNumber), "\"GONE\"");
  EXPECT_EQ(UnknownJson(ticket, Ticket::kBeforeFieldNumber), std::nullopt);
  EXPECT_EQ(Encode(ticket).value(), json);
}

TEST(UnknownEnumName, GoesThroughTheBinaryForm) {
  Ticket ticket;
  ASSERT_TRUE(Decode(R"({"state":"closed"})", &ticket).ok());
  Ticket copy;
  ASSERT_TRUE(copy.ParseFromString(ticket.SerializeAsString()));
  EXPECT_EQ(Encode(copy).value(), R"({"state":"closed"})");
}

TEST(UnknownEnumName, GivesWayToAValueThatIsSet) {
  Ticket ticket;
  ASSERT_TRUE(Decode(R"({"state":"closed"})", &ticket).ok());
  ticket.set_state(STATE_OPEN);
  EXPECT_EQ(Encode(ticket).value(), R"({"state":"open"})");
}

TEST(UnknownEnumName, TakesThePlaceOfADefaultThatIsAlwaysWritten) {
  Summary summary;
  ASSERT_TRUE(Decode(R"({"state":"closed"})", &summary).ok());
  EXPECT_EQ(Encode(summary).value(), R"({"state":"closed"})");
  EXPECT_EQ(Encode(Summary()).value(), R"({"state":"unspecified"})");
}

TEST(UnknownEnumName, IsNotWrittenBesideAnotherCaseOfItsOneof) {
  Ticket ticket;
  ASSERT_TRUE(Decode(R"({"nextState":"closed"})", &ticket).ok());
  EXPECT_EQ(Encode(ticket).value(), R"({"nextState":"closed"})");
  ticket.set_next_note("soon");
  EXPECT_EQ(Encode(ticket).value(), R"({"nextNote":"soon"})");
}

TEST(UnknownEnumName, IsTheNewerOneAfterAMerge) {
  Ticket ticket;
  Ticket newer;
  ASSERT_TRUE(Decode(R"({"state":"closed"})", &ticket).ok());
  ASSERT_TRUE(Decode(R"({"state":"lost"})", &newer).ok());
  ticket.MergeFrom(newer);
  EXPECT_EQ(UnknownJson(ticket, Ticket::kStateFieldNumber), "\"lost\"");
}

TEST(UnknownEnumName, IsAnErrorOfItsOwnKindElsewhere) {
  federation::json::Reader in(R"({"before":"LATER"})");
  Ticket ticket;
  ASSERT_FALSE(ReadJson(in, &ticket));
  EXPECT_EQ(in.error().kind, federation::json::DecodeError::Kind::kUnknownEnumValue);
  EXPECT_EQ(ErrorOf(R"({"all":["STATE_OPEN","LATER"]})"),
            "all[1]: want an enum value, got \"LATER\" (byte 21)");
  EXPECT_EQ(ErrorOf(R"({"byUser":{"u":"LATER"}})"), "byUser.u: want an enum value, got \"LATER\" (byte 15)");
  // What is no name at all is not unknown but wrong.
  EXPECT_EQ(ErrorOf(R"({"state":{}})"), "state: want an enum value, got an object (byte 9)");
}

TEST(UnknownEnumName, IsPassedOverWhenAsked) {
  const DecodeOptions options = {.unknown_enum_names = DecodeOptions::UnknownEnumNames::kIgnore};
  Ticket ticket;
  ASSERT_TRUE(Decode(R"({"before":"LATER","all":["X","STATE_OPEN"],"byUser":{"u":"X","v":"STATE_OPEN"}})",
                     &ticket, options)
                  .ok());
  EXPECT_EQ(Encode(ticket).value(), R"({"all":["STATE_OPEN"],"byUser":{"v":"STATE_OPEN"}})");
  // A key that is left out is a key all the same.
  EXPECT_EQ(Decode(R"({"byUser":{"u":"X","u":"STATE_OPEN"}})", &ticket, options).message(),
            "byUser.u: duplicate key (byte 19)");
  EXPECT_EQ(Decode(R"({"byUser":{"u":"STATE_OPEN","u":"X"}})", &ticket, options).message(),
            "byUser.u: duplicate key (byte 28)");
  // To keep is what the schema asks for, whatever the caller does not want to know.
  ASSERT_TRUE(Decode(R"({"state":"closed"})", &ticket, options).ok());
  EXPECT_EQ(UnknownJson(ticket, Ticket::kStateFieldNumber), "\"closed\"");
}

TEST(UnknownTag, IsKeptWithItsObject) {
  for (const std::string owner :
       {R"({"kind":"robot","serial":[1,{"a":null}]})", R"({"serial":7,"name":"x","kind":"robot"})"}) {
    const std::string json = R"({"owner":)" + owner + "}";
    Ticket ticket;
    ASSERT_TRUE(Decode(json, &ticket).ok()) << json;
    EXPECT_EQ(ticket.owner().kind_case(), Owner::KIND_NOT_SET);
    EXPECT_EQ(UnknownObjectJson(ticket.owner()), owner);
    EXPECT_EQ(Encode(ticket).value(), json);
  }
}

// Where the tag of the third one is taken for that of the two before, it is read once more.
TEST(UnknownTag, LeavesNothingOfAGuess) {
  const std::string before = R"({"owners":[{"name":"a","kind":"person"},{"name":"b","kind":"person"},)";
  const std::string person = R"({"nicknames":["x"],"phones":{"home":1},"unknown":1,"kind":"person"})";
  Ticket ticket;
  ASSERT_EQ(Decode(before + person + "]}", &ticket), absl::OkStatus());
  EXPECT_THAT(ticket.owners(2).person().nicknames(), testing::ElementsAre("x"));
  const std::string robot = R"({"nicknames":["x"],"phones":{"home":1},"kind":"robot"})";
  ASSERT_EQ(Decode(before + robot + "]}", &ticket), absl::OkStatus());
  EXPECT_EQ(ticket.owners(2).kind_case(), Owner::KIND_NOT_SET);
  EXPECT_EQ(UnknownObjectJson(ticket.owners(2)), robot);
}

TEST(UnknownTag, MustStillStandInJson) {
  EXPECT_EQ(ErrorOf(R"({"owner":{"kind":"robot","serial":[1,]}})"),
            "owner.serial[1]: want a value, got ] (byte 37)");
  EXPECT_EQ(ErrorOf(R"({"owner":{"serial":7}})"), "owner: want the key \"kind\", got none (byte 9)");
}

}  // namespace
}  // namespace golden::ticket
