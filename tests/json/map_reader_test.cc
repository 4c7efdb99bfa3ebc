#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <gmock/gmock.h>
#include <google/protobuf/map.h>
#include <gtest/gtest.h>

#include "federation/json/map.h"

namespace federation::json {
namespace {

template <typename K>
std::string ReadMap(std::string_view document, std::map<K, std::int32_t>* entries) {
  Reader in(document);
  MapReader map(in);
  K key{};
  while (map.Next()) {
    if (!map.ReadKey(&key)) break;
    const auto [entry, fresh] = entries->try_emplace(key);
    if (!(fresh ? in.ReadInt32(&entry->second) || map.Failed() : map.FailDuplicate())) break;
  }
  return map.ok() && in.Finish() ? std::string() : std::string(in.error().ToStatus().message());
}

template <typename K>
std::string ErrorOf(std::string_view document) {
  std::map<K, std::int32_t> entries;
  return ReadMap(document, &entries);
}

TEST(MapReader, ReadsEveryKindOfKey) {
  std::map<std::int32_t, std::int32_t> by_int32;
  EXPECT_EQ(ReadMap(R"( { "-1" : 1 , "\u0032":2,"1e3":3})", &by_int32), "");
  EXPECT_THAT(by_int32,
              testing::ElementsAre(testing::Pair(-1, 1), testing::Pair(2, 2), testing::Pair(1000, 3)));
  std::map<std::uint64_t, std::int32_t> by_uint64;
  EXPECT_EQ(ReadMap(R"({"18446744073709551615":1})", &by_uint64), "");
  EXPECT_THAT(by_uint64, testing::ElementsAre(testing::Pair(UINT64_MAX, 1)));
  std::map<std::int64_t, std::int32_t> by_int64;
  EXPECT_EQ(ReadMap(R"({"-9223372036854775808":1})", &by_int64), "");
  EXPECT_THAT(by_int64, testing::ElementsAre(testing::Pair(INT64_MIN, 1)));
  std::map<std::uint32_t, std::int32_t> by_uint32;
  EXPECT_EQ(ReadMap(R"({"4294967295":1})", &by_uint32), "");
  EXPECT_THAT(by_uint32, testing::ElementsAre(testing::Pair(UINT32_MAX, 1)));
  std::map<bool, std::int32_t> by_bool;
  EXPECT_EQ(ReadMap(R"({"tr\u0075e":1,"false":2})", &by_bool), "");
  EXPECT_THAT(by_bool, testing::ElementsAre(testing::Pair(false, 2), testing::Pair(true, 1)));
  std::map<std::string, std::int32_t> by_string;
  EXPECT_EQ(ReadMap(R"({"":1,"\"":2})", &by_string), "");
  EXPECT_THAT(by_string, testing::ElementsAre(testing::Pair("", 1), testing::Pair("\"", 2)));
}

TEST(MapReader, NamesThePlaceOfWhatIsWrong) {
  EXPECT_EQ(ErrorOf<std::int32_t>("[]"), "want an object, got an array (byte 0)");
  EXPECT_EQ(ErrorOf<std::int32_t>(R"({1:1})"), "want a key, got 1 (byte 1)");
  EXPECT_EQ(ErrorOf<std::int32_t>(R"({null:1})"), "want a key, got null (byte 1)");
  EXPECT_EQ(ErrorOf<std::int32_t>(R"({"x":1})"), "x: want an integer, got \"x\" (byte 1)");
  EXPECT_EQ(ErrorOf<std::uint32_t>(R"({"-1":1})"),
            "-1: want an integer from 0 to 4294967295, got \"-1\" (byte 1)");
  EXPECT_EQ(ErrorOf<bool>(R"({"1":1})"), "1: want \"true\" or \"false\", got \"1\" (byte 1)");
  EXPECT_EQ(ErrorOf<std::string>(R"({"a\u0062":"soon"})"), "ab: want an integer, got \"soon\" (byte 11)");
  EXPECT_EQ(ErrorOf<std::string>(R"({"a":null})"), "a: want an integer, got null (byte 5)");
  EXPECT_EQ(ErrorOf<std::string>(R"({"a" 1})"), "a: want a colon, got 1 (byte 5)");
  EXPECT_EQ(ErrorOf<std::string>(R"({"a":1 "b":2})"),
            "want a comma or the end of the object, got \"b\" (byte 7)");
  EXPECT_EQ(ErrorOf<std::string>(R"({"a":1,})"), "want a key, got } (byte 7)");
  EXPECT_EQ(ErrorOf<std::string>(R"({"a":1)"),
            "want a comma or the end of the object, got the end of the document (byte 6)");
  EXPECT_EQ(ErrorOf<std::string>(R"({"a\x":1})"), "invalid escape in a string (byte 3)");
}

TEST(MapReader, LeavesAFailedReaderAtItsEnd) {
  Reader in(R"({"a":"soon","b":1})");
  MapReader map(in);
  std::string key;
  std::int32_t value = 0;
  ASSERT_TRUE(map.Next() && map.ReadKey(&key));
  EXPECT_FALSE(in.ReadInt32(&value) || map.Failed());
  EXPECT_EQ(in.NextByte(), '\0');
  EXPECT_FALSE(map.Next());
}

TEST(MapReader, RefusesKeysThatAreTheSame) {
  EXPECT_EQ(ErrorOf<std::string>(R"({"a":1,"\u0061":1})"), "a: duplicate key (byte 7)");
  EXPECT_EQ(ErrorOf<std::int32_t>(R"({"1":1,"1.0":1})"), "1.0: duplicate key (byte 7)");
}

TEST(MapReader, CountsDepth) {
  Reader in(R"({"a":{}})", {.depth_max = 1});
  MapReader outer(in);
  std::string key;
  ASSERT_TRUE(outer.Next() && outer.ReadKey(&key));
  EXPECT_FALSE(MapReader(in).Next());
  EXPECT_EQ(in.error().what, "nested deeper than 1");
}

TEST(InKeyOrder, SortsByValueAndStringsByBytes) {
  google::protobuf::Map<std::int32_t, int> numbers;
  for (const int key : {10, -1, 9, 2'000'000'000}) numbers[key] = 0;
  std::vector<std::int32_t> keys;
  for (const auto* entry : InKeyOrder(numbers)) keys.push_back(entry->first);
  EXPECT_THAT(keys, testing::ElementsAre(-1, 9, 10, 2'000'000'000));
  google::protobuf::Map<std::string, int> names;
  for (const char* key : {"\xc3\xa9", "b", "", "a", "B"}) names[key] = 0;
  std::vector<std::string> texts;
  for (const auto* entry : InKeyOrder(names)) texts.push_back(entry->first);
  EXPECT_THAT(texts, testing::ElementsAre("", "B", "a", "b", "\xc3\xa9"));
}

TEST(InKeyOrder, TakesAnyNumberOfEntries) {
  google::protobuf::Map<std::uint64_t, int> map;
  for (std::uint64_t size = 0; size < 100; ++size) {
    std::uint64_t count = 0;
    for (const auto* entry : InKeyOrder(map)) EXPECT_EQ(entry->first, UINT64_MAX - size + ++count);
    EXPECT_EQ(count, size);
    map[UINT64_MAX - size] = 0;
  }
}

TEST(PeekString, LooksAheadAndStays) {
  Reader in(R"( {"a":[1,{"k":2}],"k":"v\n","b":1})");
  std::string value;
  std::size_t offset = 0;
  EXPECT_TRUE(in.PeekString("k", &value, &offset));
  EXPECT_EQ(value, "v\n");
  EXPECT_EQ(offset, 22U);
  EXPECT_FALSE(in.PeekString("c", &value, &offset));
  EXPECT_FALSE(in.failed());
  EXPECT_TRUE(in.SkipValue() && in.Finish());
}

TEST(PeekString, ReportsWhatIsNoString) {
  for (const auto& [document, error] : std::map<std::string, std::string>{
           {R"({"a":1,"k":2})", "k: want a string, got 2 (byte 11)"},
           {R"({"a":[tru],"k":""})", "a[0]: want true or false, got tru (byte 6)"},
           {R"("k")", "want an object, got \"k\" (byte 0)"}}) {
    Reader in(document);
    std::string value;
    std::size_t offset = 0;
    EXPECT_FALSE(in.PeekString("k", &value, &offset));
    ASSERT_TRUE(in.failed());
    EXPECT_EQ(in.error().ToStatus().message(), error);
  }
}

}  // namespace
}  // namespace federation::json
