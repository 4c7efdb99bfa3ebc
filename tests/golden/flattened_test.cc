// Annotated schemas through generated code.
#include <string>

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "federation/json/codec.h"

#include "flattened_oneof_keeps_names_as_written/content.federation.h"
#include "names_are_safe_in_cpp/names.federation.h"

namespace golden {
namespace {

using content::Content;
using google::protobuf::util::MessageDifferencer;

template <typename M>
M Read(const std::string& json) {
  M message;
  const absl::Status status = federation::json::Decode(json, &message);
  EXPECT_TRUE(status.ok()) << status << " in " << json;
  return message;
}

// Decode(Encode(m)) == m, and the JSON is as wanted.
template <typename M>
void ExpectJson(const M& message, const std::string& want) {
  const std::string json = federation::json::Encode(message).value();
  EXPECT_EQ(json, want);
  EXPECT_TRUE(MessageDifferencer::Equals(Read<M>(json), message)) << json;
}

std::string ErrorOf(const std::string& json) {
  Content content;
  return std::string(federation::json::Decode(json, &content).message());
}

TEST(Flattened, WritesTheTagFirst) {
  Content content;
  content.mutable_text()->set_plain_text("hi");
  ExpectJson(content, R"({"content_type":"text","plain_text":"hi"})");
}

TEST(Flattened, WritesTheTagAloneForACaseWithoutFields) {
  Content content;
  content.mutable_nothing_at_all();
  ExpectJson(content, R"({"content_type":"nothing_at_all"})");
}

TEST(Flattened, FollowsEveryRuleOfTheFile) {
  Content content;
  content.mutable_media()->set_media_type(content::MEDIA_TYPE_STILL_IMAGE);
  content.mutable_media()->set_size_bytes(9007199254740993);
  content.mutable_media()->set_sha_prefix(18446744073709551615U);
  ExpectJson(content, R"({"content_type":"a/v","media_type":"still_image","size_bytes":9007199254740993,)"
                      R"("sha_prefix":"18446744073709551615","urls":[],"animated":false})");
  content.mutable_media()->set_media_type(content::MEDIA_TYPE_FILM);
  content.mutable_media()->add_alternative_urls("u");
  ExpectJson(content, R"({"content_type":"a/v","media_type":"movie","size_bytes":9007199254740993,)"
                      R"("sha_prefix":"18446744073709551615","urls":["u"],"animated":false})");
}

TEST(Flattened, FollowsTheRulesOfTheMessageBeforeThoseOfTheFile) {
  content::Envelope envelope;
  envelope.mutable_main_content()->mutable_text()->set_plain_text("a");
  envelope.add_more_content()->mutable_nothing_at_all();
  envelope.set_sent_at(1);
  ExpectJson(envelope, R"({"mainContent":{"content_type":"text","plain_text":"a"},)"
                       R"("moreContent":[{"content_type":"nothing_at_all"}],"sentAt":"1"})");
}

TEST(Flattened, ReadsTheTagAtAnyPlace) {
  for (const char* json : {R"({"content_type":"a/v","size_bytes":1,"animated":true})",
                           R"({"size_bytes":1,"content_type":"a/v","animated":true})",
                           R"({"size_bytes":1,"animated":true,"content_type":"a/v"})"}) {
    const auto content = Read<Content>(json);
    EXPECT_EQ(content.media().size_bytes(), 1) << json;
    EXPECT_TRUE(content.media().animated()) << json;
  }
}

TEST(Flattened, ReadsTheOriginalNameBesideTheNewOne) {
  EXPECT_EQ(Read<Content>(R"({"content_type":"a/v","alternative_urls":["u"]})").media().alternative_urls(0),
            "u");
}

TEST(Flattened, RefusesUnknownAndMissingTags) {
  EXPECT_EQ(ErrorOf(R"({"content_type":"smell"})"),
            R"(content_type: unknown content_type "smell" (byte 16))");
  EXPECT_EQ(ErrorOf(R"({"plain_text":"hi"})"), R"(want the key "content_type", got none (byte 0))");
}

TEST(Flattened, NamesThePlaceInsideOfTheCase) {
  EXPECT_EQ(ErrorOf(R"({"content_type":"a/v","size_bytes":1.5})"),
            "size_bytes: want an integer, got 1.5 (byte 35)");
}

TEST(Flattened, RefusesTheTagTwice) {
  EXPECT_EQ(ErrorOf(R"({"content_type":"text","content_type":"text"})"),
            "content_type: duplicate key (byte 23)");
}

TEST(Flattened, IsNotWrittenIfNoCaseIsSet) {
  EXPECT_EQ(federation::json::Encode(Content()).status().message(),
            "want a case of the oneof \"body\", got none");
}

TEST(Flattened, ReportsTextThatIsNotUtf8) {
  Content content;
  content.mutable_text()->set_plain_text("\xFF");
  EXPECT_EQ(federation::json::Encode(content).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(NamesAreSafe, InMessagesNamedAsKeywordsAndVariables) {
  names::content message;
  message.set_private_("p");
  message.mutable_object()->set_in(names::typename_);
  message.add_element(names::NULL_);
  ExpectJson(message, R"({"private":"p","object":{"in":"typename"},"element":["NULL"]})");
  names::tagged tagged;
  tagged.mutable_in()->mutable_delete_()->set_class_(3);
  ExpectJson(tagged, R"({"case":"in","delete":{"class":"3"}})");
}

}  // namespace
}  // namespace golden
