#include <set>
#include <string>

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include "oracle/canonical_bytes.h"
#include "oracle/every_kind.pb.h"
#include "oracle/json_syntax.h"
#include "oracle/laws.h"
#include "oracle/mutate.h"
#include "oracle/random_message.h"

namespace oracle {
namespace {

const Codec* FindCodec(std::string_view type) {
  for (const Codec& codec : CanonicalCodecs()) {
    if (codec.prototype->GetTypeName() == type) return &codec;
  }
  return nullptr;
}

class Oracle : public testing::Test {
 private:
  google::protobuf::LogSilencer silencer_;
};

// If one of the readers changes its mind, its row goes.
TEST_F(Oracle, ExplainsNothingThatDoesNotDiffer) {
  const auto explanations = Explanations();
  for (std::size_t i = 0; i < explanations.size(); ++i) {
    SCOPED_TRACE(explanations[i].name);
    const Codec* const codec = FindCodec(explanations[i].example_type);
    ASSERT_NE(codec, nullptr);
    Tally tally;
    std::uint64_t explained = 0;
    for (const bool ignore_unknown : {false, true}) {
      EXPECT_EQ(CompareReaders(*codec, std::string(explanations[i].example), ignore_unknown, &tally),
                std::nullopt);
      explained += tally.count(i);
    }
    EXPECT_GT(explained, 0U) << explanations[i].example;
  }
}

// The schema with every annotation, more often than seeds choose it.
TEST_F(Oracle, TakesAnnotatedMessagesInAnyOrder) {
  const Codec& codec = AnnotatedCodecs().back();
  ASSERT_EQ(codec.prototype->GetTypeName(), "oracle.Sounds");
  Tally tally;
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    ASSERT_EQ(CheckMessage(codec, /*canonical=*/false, seed, &tally), std::nullopt) << seed;
  }
}

TEST_F(Oracle, FindsTheSameForTheSameSeed) {
  Random first(7);
  Random second(7);
  WellKnown one;
  WellKnown other;
  FillRandomly(first, 3, &one);
  FillRandomly(second, 3, &other);
  EXPECT_EQ(CanonicalBytes(one), CanonicalBytes(other));
  EXPECT_EQ(Mutate(one.DebugString(), first), Mutate(one.DebugString(), second));
}

TEST_F(Oracle, MakesMessagesOfEveryField) {
  Random random(1);
  std::set<std::string> set;
  for (int i = 0; i < 200; ++i) {
    WellKnown message;
    FillRandomly(random, 3, &message);
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const auto* field : fields) set.insert(field->name());
  }
  // NullValue outside of a oneof has but its default.
  EXPECT_EQ(set.size(), static_cast<std::size_t>(WellKnown::descriptor()->field_count()) - 1);
}

TEST(CanonicalBytes, TellMinusZeroFromZeroUnlessTold) {
  Lists zero;
  zero.add_doubles(0.0);
  Lists minus_zero;
  minus_zero.add_doubles(-0.0);
  EXPECT_NE(CanonicalBytes(zero), CanonicalBytes(minus_zero));
  EXPECT_EQ(CanonicalBytes(zero, {.minus_zero = true}), CanonicalBytes(minus_zero, {.minus_zero = true}));
}

TEST(CanonicalBytes, DoNotDependOnTheOrderInWhichAMapWasFilled) {
  Maps up;
  Maps down;
  for (int i = 0; i < 100; ++i) {
    (*up.mutable_by_int32())[i] = i;
    (*down.mutable_by_int32())[99 - i] = 99 - i;
  }
  EXPECT_EQ(CanonicalBytes(up), CanonicalBytes(down));
}

TEST(JsonSyntax, IsThatOfRfc8259) {
  EXPECT_TRUE(IsJson(R"({"a":[1,"\ud83d\ude01",null]})"));
  for (const char* text :
       {"", "{,}", "[1,]", "{a:1}", "'a'", "01", R"("\ud83d")", "\"\t\"", "\"\xC3\"", "{} {}"}) {
    EXPECT_FALSE(IsJson(text)) << text;
  }
  EXPECT_TRUE(HasDuplicateKeys(R"({"b":{"a":1,"\u0061":2}})"));
  EXPECT_FALSE(HasDuplicateKeys(R"([{"a":1},{"a":{"a":2}}])"));
  EXPECT_EQ(DepthOf(R"([[],{"a":[[]]}])"), 4);
  EXPECT_TRUE(SameButForOrder(R"({"a":1,"b":2})", R"({"b":2,"a":1})"));
  EXPECT_FALSE(SameButForOrder(R"({"a":1,"b":2})", R"({"b":1,"a":2})"));
}

}  // namespace
}  // namespace oracle
