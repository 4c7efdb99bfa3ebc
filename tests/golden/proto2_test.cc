// What proto2 promises beyond proto3: fields that must be there, and enums that are closed.
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "federation/json/codec.h"

#include "proto2_keeps_its_promises/order.federation.h"

namespace golden::order {
namespace {

using federation::json::Decode;
using federation::json::DecodeOptions;
using federation::json::Encode;

std::string ErrorOf(std::string_view json) {
  Order order;
  return std::string(Decode(json, &order).message());
}

TEST(Proto2, WritesWhatIsSetAndNoDefaults) {
  const std::string json =
      R"({"number":"1","count":7,"items":[{"name":"","size":"SMALL","also":["LARGE"],"byCountry":{"at":"RED"}}]})";
  Order order;
  ASSERT_TRUE(Decode(json, &order).ok());
  EXPECT_EQ(Encode(order).value(), json);
  order.clear_count();
  EXPECT_EQ(order.count(), 7);
  EXPECT_EQ(Encode(order).value().find("count"), std::string::npos);
}

TEST(Proto2, WantsRequiredFields) {
  EXPECT_EQ(ErrorOf("{}"), "want the key \"number\", got none (byte 1)");
  EXPECT_EQ(ErrorOf(R"({"number":1,"gift":{}})"), "gift: want the key \"name\", got none (byte 20)");
  EXPECT_EQ(ErrorOf(R"({"number":null})"), "want the key \"number\", got none (byte 14)");
  Order order;
  EXPECT_EQ(Encode(order).status().message(), "want the required key \"number\", got none");
  order.set_number(1);
  order.add_items()->set_name("a");
  order.add_items();
  EXPECT_EQ(Encode(order).status().message(), "items[1]: want the required key \"name\", got none");
}

TEST(Proto2, TakesNoNumbersThatAnEnumDoesNotHave) {
  Order order;
  ASSERT_TRUE(Decode(R"({"number":1,"gift":{"name":"a","size":3}})", &order).ok());
  EXPECT_EQ(order.gift().size(), LARGE);
  EXPECT_EQ(ErrorOf(R"({"number":1,"gift":{"name":"a","size":2}})"),
            "gift.size: want an enum value, got 2 (byte 38)");
  EXPECT_EQ(ErrorOf(R"({"number":1,"gift":{"name":"a","also":[1,2]}})"),
            "gift.also[1]: want an enum value, got 2 (byte 41)");
}

TEST(Proto2, KeepsNumbersThatAnEnumDoesNotHave) {
  for (const char* const json : {R"({"number":"1","kept":99})", R"({"number":"1","state":99})",
                                 R"({"number":"1","kept":"HUGE"})", R"({"number":"1","state":"lost"})"}) {
    Order order;
    ASSERT_EQ(Decode(json, &order), absl::OkStatus()) << json;
    EXPECT_FALSE(order.has_kept() || order.has_state()) << json;
    EXPECT_EQ(Encode(order).value(), json);
  }
  EXPECT_EQ(ErrorOf(R"({"number":1,"state":{}})"), "state: want an enum value, got an object (byte 20)");
}

TEST(Proto2, LeavesUnknownNamesOutWhenAsked) {
  const DecodeOptions options = {.unknown_enum_names = DecodeOptions::UnknownEnumNames::kIgnore};
  Order order;
  ASSERT_TRUE(
      Decode(R"({"number":1,"gift":{"name":"a","size":"HUGE","also":["HUGE","SMALL"]}})", &order, options)
          .ok());
  EXPECT_FALSE(order.gift().has_size());
  EXPECT_EQ(order.gift().also_size(), 1);
}

}  // namespace
}  // namespace golden::order
