// The JSON documents of the protocol's draft, through generated code.
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "federation/json/codec.h"
#include "federation/v1/push.federation.h"

namespace federation::v1 {
namespace {

std::string ReadVector(const std::string& name) {
  std::ifstream file(FEDERATION_DRAFT_DIR "/" + name);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

// Without the white space outside of strings.
std::string Minified(const std::string& json) {
  std::string minified;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '"' && (i == 0 || json[i - 1] != '\\')) in_string = !in_string;
    if (in_string || (json[i] != ' ' && json[i] != '\n')) minified.push_back(json[i]);
  }
  return minified;
}

template <typename M>
void ExpectPrintsBack(const std::string& name) {
  const std::string json = ReadVector(name);
  M message;
  const absl::Status status =
      json::Decode(json, &message, {.unknown_keys = json::DecodeOptions::UnknownKeys::kRefuse});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(json::Encode(message).value(), Minified(json));
}

TEST(Draft, PushPrintsBackToTheSameJson) { ExpectPrintsBack<Push>("push.json"); }
TEST(Draft, OkPrintsBackToTheSameJson) { ExpectPrintsBack<Ack>("ok.json"); }
TEST(Draft, HoleDetectedPrintsBackToTheSameJson) { ExpectPrintsBack<Ack>("hole_detected.json"); }
TEST(Draft, WaitPrintsBackToTheSameJson) { ExpectPrintsBack<Ack>("wait.json"); }

TEST(Draft, PushIsReadIntoItsFields) {
  Push push;
  ASSERT_TRUE(json::Decode(ReadVector("push.json"), &push).ok());
  EXPECT_EQ(push.seq(), 234234U);
  ASSERT_EQ(push.weak_size(), 1);
  EXPECT_EQ(push.weak(0).typing().user_id(), "uid");
  ASSERT_EQ(push.strong_size(), 1);
  EXPECT_EQ(push.strong(0).message().peer().type(), PEER_TYPE_GROUP);
  EXPECT_EQ(push.strong(0).message().peer().id(), 11223344);
  EXPECT_EQ(push.strong(0).message().content().text().text(), "Hello Wordl!");
}

TEST(Draft, EmptyPushWritesBothArrays) {
  Push push;
  push.set_seq(0);
  EXPECT_EQ(json::Encode(push).value(), R"({"weak":[],"strong":[],"seq":0})");
}

}  // namespace
}  // namespace federation::v1
