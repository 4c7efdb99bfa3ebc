#include "federation/json/object_reader.h"

#include <map>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation::json {
namespace {

// userId and user_id are one field; a and b are cases of one oneof.
constexpr Key kKeys[] = {{"userId", 0}, {"user_id", 0}, {"count", 1}, {"a", 2, 1}, {"b", 3, 1}};

struct Outcome {
  std::vector<std::string> seen;  // the raw value of each known key, behind its field
  std::string error;
  std::string pointer;
};

Outcome ReadObject(std::string_view document, DecodeOptions options = {}) {
  Reader in(document, options);
  Outcome outcome;
  ObjectReader object(in);
  while (object.Next(kKeys)) {
    std::string_view raw;
    if (!in.ReadRaw(&raw)) {
      object.Failed();
      break;
    }
    outcome.seen.push_back(std::to_string(object.field()) + "=" + std::string(raw));
  }
  if (!object.ok() || !in.Finish()) {
    outcome.error = std::string(in.error().ToStatus().message());
    outcome.pointer = in.error().pointer;
  }
  return outcome;
}

TEST(ObjectReader, FindsKeysInAnyOrder) {
  EXPECT_THAT(ReadObject(R"({"userId":1,"count":2})").seen, testing::ElementsAre("0=1", "1=2"));
  EXPECT_THAT(ReadObject(R"({"a":3,"count":2,"user_id":1})").seen, testing::ElementsAre("2=3", "1=2", "0=1"));
  EXPECT_THAT(ReadObject(R"({"c\u006funt":2})").seen, testing::ElementsAre("1=2"));
  EXPECT_THAT(ReadObject("{}").seen, testing::IsEmpty());
}

TEST(ObjectReader, PassesOverUnknownKeysAfterChecking) {
  EXPECT_THAT(ReadObject(R"({"x":{"y":[1]},"count":2,"z":null})").seen, testing::ElementsAre("1=2"));
  EXPECT_EQ(ReadObject(R"({"x":{"y":[1,}]}})").error, "x.y[1]: want a value, got } (byte 13)");
}

TEST(ObjectReader, RefusesUnknownKeysWhenAsked) {
  const Outcome outcome =
      ReadObject(R"({"count":2,"coumt":3})", {.unknown_keys = DecodeOptions::UnknownKeys::kRefuse});
  EXPECT_EQ(outcome.error, "coumt: unknown key (byte 11)");
}

TEST(ObjectReader, RefusesAKeyThatStandsTwice) {
  EXPECT_EQ(ReadObject(R"({"count":1,"count":1})").error, "count: duplicate key (byte 11)");
  EXPECT_EQ(ReadObject(R"({"userId":1,"user_id":1})").error, "user_id: duplicate key (byte 12)");
  EXPECT_EQ(ReadObject(R"({"count":null,"count":1})").error, "count: duplicate key (byte 14)");
  EXPECT_EQ(ReadObject(R"({"x":1,"\u0078":1})").error, "x: duplicate key (byte 7)");
}

TEST(ObjectReader, ReadsNullAsNotSet) {
  EXPECT_THAT(ReadObject(R"({"count":null,"a":null,"b":4})").seen, testing::ElementsAre("3=4"));
  EXPECT_THAT(ReadObject(R"({ "userId" : 1 , "count" : null , "a": null,"b": 4 })").seen,
              testing::ElementsAre("0=1", "3=4"));
}

TEST(ObjectReader, RefusesASecondCaseOfAOneof) {
  EXPECT_EQ(ReadObject(R"({"a":1,"b":2})").error,
            "b: another case of the same oneof is set already (byte 7)");
}

TEST(ObjectReader, TakesOnlyTheWhiteSpaceOfJson) {
  EXPECT_THAT(ReadObject("{\"a\":3,\t\r\n \"count\":2}").seen, testing::ElementsAre("2=3", "1=2"));
  EXPECT_EQ(ReadObject("{\"a\":3,\x0e\"count\":2}").error, "want a key, got ? (byte 7)");
}

TEST(ObjectReader, EscapesThePointer) {
  const Outcome outcome = ReadObject(R"({"a/b~c":tru})");
  EXPECT_EQ(outcome.pointer, "/a~1b~0c");
  // The path is for people; the pointer has to be right.
  const std::string key(100, 'k');
  EXPECT_EQ(ReadObject("{\"" + key + "\":tru}").pointer, "/" + key);
}

TEST(ObjectReader, KeepsTrackOfManyFields) {
  std::vector<std::string> names;
  for (int i = 0; i < 200; ++i) names.push_back("f" + std::to_string(i));
  std::vector<Key> keys;
  for (int i = 0; i < 200; ++i) keys.emplace_back(names[static_cast<std::size_t>(i)], i, i);
  const auto read = [&](const std::string& document) {
    Reader in(document);
    ObjectReader object(in);
    while (object.Next(keys)) {
      if (!in.SkipValue()) break;
    }
    return object.ok() ? std::string() : in.error().what;
  };
  EXPECT_EQ(read(R"({"f199":1,"f64":1,"f63":1,"f0":1})"), "");
  EXPECT_EQ(read(R"({"f199":1,"f64":1,"f199":1})"), "duplicate key");
}

constexpr Key kTagKey("type", 0);
constexpr EnumName kTags[] = {{"text", 0}, {"file", 1}};

// What stands for a message: the part of *seen that one object adds.
struct Seen {
  void Clear() { all->resize(before); }
  std::vector<std::string>* all;
  std::size_t before;
};

// Reads the object that comes next; what it holds goes to *seen.
bool ReadTaggedObject(Reader& in, std::vector<std::string>* seen) {
  TaggedObjectReader tagged(in, kTagKey, kTags);
  Seen message{seen, seen->size()};
  bool read = false;
  do {
    if (tagged.tag() == TaggedObjectReader::kNoTag) return false;
    seen->push_back("tag=" + std::to_string(tagged.tag()));
    while (tagged.object().Next(kKeys)) {
      std::string_view raw;
      if (!in.ReadRaw(&raw)) {
        tagged.object().Failed();
        break;
      }
      seen->push_back(std::to_string(tagged.object().field()) + "=" + std::string(raw));
    }
    read = tagged.object().ok();
  } while (tagged.Again(read, &message));
  return read;
}

std::string ReadTagged(std::string_view document, std::vector<std::string>* seen = nullptr) {
  Reader in(document);
  std::vector<std::string> ignored;
  if (ReadTaggedObject(in, seen == nullptr ? &ignored : seen) && in.Finish()) return "";
  return std::string(in.error().ToStatus().message());
}

std::string ReadTaggedArray(std::string_view document, std::vector<std::string>* seen) {
  Reader in(document);
  ArrayReader array(in);
  while (array.Next()) {
    if (!ReadTaggedObject(in, seen)) {
      array.Failed();
      break;
    }
  }
  if (array.ok() && in.Finish()) return "";
  return std::string(in.error().ToStatus().message());
}

TEST(TaggedObjectReader, FindsTheTagAtAnyPlace) {
  for (const char* document :
       {R"({"type":"file","count":1,"a":[{}]})", R"({"count":1,"type":"file","a":[{}]})",
        R"({"count":1,"a":[{}],"type":"file"})", R"( { "count" : 1 , "a":[{}] , "type" : "file" } )",
        R"({"count":1,"a":[{}],"t\u0079pe":"fi\u006ce"})"}) {
    std::vector<std::string> seen;
    EXPECT_EQ(ReadTagged(document, &seen), "");
    EXPECT_THAT(seen, testing::ElementsAre("tag=1", "1=1", "2=[{}]")) << document;
  }
}

TEST(TaggedObjectReader, FindsATagInTheLastFewBytes) {
  static constexpr Key kShortKey("k", 0);
  static constexpr EnumName kShortTags[] = {{"", 5}};
  Reader in(R"({"count":1,"k":""})");
  TaggedObjectReader tagged(in, kShortKey, kShortTags);
  EXPECT_EQ(tagged.tag(), 5);
}

TEST(TaggedObjectReader, RefusesWhatHasNoTagThatItKnows) {
  EXPECT_EQ(ReadTagged(R"({"count":1})"), "want the key \"type\", got none (byte 0)");
  EXPECT_EQ(ReadTagged(R"({"type":7})"), "type: want a string, got 7 (byte 8)");
  EXPECT_EQ(ReadTagged(R"({"type":null})"), "type: want a string, got null (byte 8)");
  EXPECT_EQ(ReadTagged(R"({"type":"image"})"), "type: unknown type \"image\" (byte 8)");
  EXPECT_EQ(ReadTagged(R"({"type":"text","count":1,"type":"text"})"), "type: duplicate key (byte 25)");
  EXPECT_EQ(ReadTagged("[]"), "want an object, got an array (byte 0)");
}

TEST(TaggedObjectReader, TakesATagThatComesLateForTheOneBefore) {
  std::vector<std::string> seen;
  EXPECT_EQ(ReadTaggedArray(
                R"([{"count":1,"type":"file"},{"count":2,"type":"file"},{"count":3,"type":"file"}])", &seen),
            "");
  EXPECT_THAT(seen, testing::ElementsAre("tag=1", "1=1", "tag=1", "1=2", "tag=1", "1=3"));
}

TEST(TaggedObjectReader, ReadsAgainAfterAWrongGuess) {
  std::vector<std::string> seen;
  EXPECT_EQ(
      ReadTaggedArray(
          R"([{"type":"file"},{"count":1,"type":"file"},{"x":1,"type":"file"},{"count":2,"a":[5],"type":"text"},)"
          R"({"x":1,"type":"file"},{"type":"text"}])",
          &seen),
      "");
  EXPECT_THAT(seen, testing::ElementsAre("tag=1", "tag=1", "1=1", "tag=1", "tag=0", "1=2", "2=[5]", "tag=1",
                                         "tag=0"));
}

TEST(TaggedObjectReader, SaysTheSameOfMistakesWhateverWasGuessed) {
  const std::string begin = R"([{"count":1,"type":"file"},{"count":1,"type":"file"},)";
  const auto error = [&](const std::string& second) {
    std::vector<std::string> seen;
    return ReadTaggedArray(begin + second + "]", &seen);
  };
  EXPECT_EQ(error(R"({"count":2})"), "[2]: want the key \"type\", got none (byte 53)");
  EXPECT_EQ(error("{}"), "[2]: want the key \"type\", got none (byte 53)");
  EXPECT_EQ(error(R"({"count":2,"type":"image"})"), "[2].type: unknown type \"image\" (byte 71)");
  EXPECT_EQ(error(R"({"count":2,"type":"text","type":"text"})"), "[2].type: duplicate key (byte 78)");
  EXPECT_EQ(error(R"({"count":2,"count":3,"type":"text"})"), "[2].count: duplicate key (byte 64)");
  EXPECT_EQ(error(R"({"count":2,"type":"file","a":tru})"), "[2].a: want true or false, got tru (byte 82)");
  EXPECT_EQ(error(R"({"count":2,"x":[1,},"type":"text"})"), "[2].x[1]: want a value, got } (byte 71)");
  EXPECT_EQ(error(R"({"count":2,)"), "[2]: want a key, got ] (byte 64)");
}

// Objects within objects, with tags that are not those of the two before, each behind what it decides.
bool ReadNest(Reader& in, int* reads) {
  TaggedObjectReader tagged(in, kTagKey, kTags);
  struct Nothing {
    void Clear() {}
  } message;
  bool read = false;
  do {
    ++*reads;
    if (tagged.tag() == TaggedObjectReader::kNoTag) return false;
    while (tagged.object().Next(kKeys)) {
      if (!ReadNest(in, reads)) break;
    }
    read = tagged.object().ok();
  } while (tagged.Again(read, &message));
  return read;
}

TEST(TaggedObjectReader, GuessesNoMoreThanTheDocumentIsLong) {
  std::string document = R"({"type":"file"})";
  for (int i = 0; i < 60; ++i) {
    document = R"({"count":)" + document + R"(,"type":")" + (i / 2 % 2 == 0 ? "text" : "file") + "\"}";
  }
  Reader in(document);
  int reads = 0;
  ASSERT_TRUE(ReadNest(in, &reads) && in.Finish());
  // Twice at every level would be 2^60.
  EXPECT_LT(reads, 5000);
}

TEST(ArrayReader, AddsTheIndexToThePath) {
  Reader in(R"({"user_id":[[1],[2,"soon"]]})");
  ObjectReader object(in);
  ASSERT_TRUE(object.Next(kKeys));
  const auto read = [&] {
    ArrayReader outer(in);
    while (outer.Next()) {
      ArrayReader inner(in);
      while (inner.Next()) {
        std::int32_t value = 0;
        if (!in.ReadInt32(&value)) return inner.Failed(), outer.Failed(), object.Failed();
      }
      if (!inner.ok()) return outer.Failed();
    }
    return outer.ok();
  };
  EXPECT_FALSE(read());
  EXPECT_EQ(in.error().ToStatus().message(), "user_id[1][1]: want an integer, got \"soon\" (byte 19)");
  EXPECT_EQ(in.error().pointer, "/user_id/1/1");
  EXPECT_EQ(in.error().offset_bytes, 19U);
}

}  // namespace
}  // namespace federation::json
