#include <string>

#include <absl/strings/escaping.h>
#include <google/protobuf/descriptor.h>

#include "oracle/claims.h"
#include "oracle/json_syntax.h"

namespace oracle {
namespace {

// Forms of strings (regular expressions).
constexpr char kTimeForm[] = R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d))";
constexpr char kDurationForm[] = R"(-?(0|[1-9]\d{0,11})(\.\d{1,9})?s)";
constexpr char kMaskForm[] =
    R"(([a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)*(,[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)*)*)?)";

#define ORACLE_TEN(text) text text text text text text text text text text
// A message of 65 levels, and a list of 60: each of these is two messages.
constexpr char kDeepMessage[] = ORACLE_TEN(R"({"left":{"left":{"left":)")
    ORACLE_TEN(R"({"left":{"left":{"left":)") R"({"left":{"left":{"left":{"left":{}}}}})" ORACLE_TEN("}}}")
        ORACLE_TEN("}}}");
constexpr char kDeepList[] = R"({"value":)" ORACLE_TEN("[[[[[[") ORACLE_TEN("]]]]]]") "}";
#undef ORACLE_TEN

bool IsBase64(std::string_view text) {
  const absl::string_view encoded(text.data(), text.size());
  std::string bytes;
  return absl::Base64Unescape(encoded, &bytes) || absl::WebSafeBase64Unescape(encoded, &bytes);
}

// Documents that both read.
const Explanation kBothRead[] = {
    {"minus zero", "the converter reads -0 as the integer 0; ours keeps the sign, as both do of -0.0",
     [](const Difference& d) { return BothReadTheSame(d, {.minus_zero = true}); }, R"({"aDouble":-0})",
     "oracle.Scalars"},
    {"capitals in a FieldMask",
     "the converter takes capitals in a row for one word; every capital stands for `_` and a letter, so that "
     "d_e comes back",
     [](const Difference& d) { return BothReadTheSame(d, {.mask_words = true}); }, R"({"mask":"dEF"})",
     "oracle.WellKnown"},
    {"an unknown enum name in a map, ignored",
     "later conformance suites want its entry dropped; the converter enters 0",
     [](const Difference& d) { return d.ignore_unknown && BothReadTheSame(d, {.zero_enums = true}); },
     R"({"bySfixed64":{"1":"SHADE_NEW"}})", "oracle.Maps"},
    {"more than one of these", "several causes in one document",
     [](const Difference& d) {
       return BothReadTheSame(d, {.minus_zero = true, .mask_words = true, .zero_enums = d.ignore_unknown});
     },
     R"({"mask":"dEF","wrappedDouble":-0})", "oracle.WellKnown"},
};

// Documents that the converter alone reads.
const Explanation kTheyRead[] = {
    {"no JSON",
     "RFC 8259 has no trailing commas, bare or single-quoted keys, other escapes, control characters...",
     [](const Difference& d) { return d.they_accept() && !d.we_accept() && !IsJson(d.document); },
     R"({"anInt32":1,})", "oracle.Scalars"},
    {"a key twice", "RFC 8259 leaves it to the reader; the conformance suite wants it refused",
     [](const Difference& d) { return WeAloneSay(d, "duplicate key") && HasDuplicateKeys(d.document); },
     R"({"anInt32":1,"anInt32":2})", "oracle.Scalars"},
    {"a key in two spellings", "the JSON name and the original one are one field",
     [](const Difference& d) { return WeAloneSay(d, "duplicate key") && !HasDuplicateKeys(d.document); },
     R"({"anInt32":1,"an_int32":2})", "oracle.Scalars"},
    {"null in lists and maps", "the conformance suite wants it refused; the converter passes over it",
     [](const Difference& d) {
       return WeAloneSay(d, "want ") && RefusedToken(d) == "null" && RefusedIsElement(d);
     },
     R"({"int32s":[null]})", "oracle.Lists"},
    {"a quoted bool", "the conformance suite wants it refused: only keys of maps are quoted",
     [](const Difference& d) { return WeAloneSay(d, "want true or false") && !RefusedString(d).empty(); },
     R"({"aBool":"true"})", "oracle.Scalars"},
    {"another key in a map of bools", "the converter takes 1, t, yes and the like for true",
     [](const Difference& d) { return WeAloneSay(d, R"(want "true" or "false")"); }, R"({"byBool":{"1":{}}})",
     "oracle.Maps"},
    {"a quoted number that is none of JSON",
     "numbers in quotes are written as without; the converter uses strtod and the like",
     [](const Difference& d) {
       return (WeAloneSay(d, "want an integer") || WeAloneSay(d, "want a number")) &&
              RefusedToken(d).front() == '"' && !IsJsonNumber(RefusedString(d));
     },
     R"({"aDouble":"+1"})", "oracle.Scalars"},
    {"an enum's number in quotes", "an enum is a name in quotes or a bare number",
     [](const Difference& d) {
       return WeAloneSay(d, "want an enum value") &&
              Matches(RefusedString(d), R"((\\u00[0-9a-f]{2}|[-+\d\s])+)");
     },
     R"({"shade":"1"})", "oracle.Scalars"},
    {"a number that a closed enum has not",
     "the converter keeps it among the unknown fields, which no JSON shows",
     [](const Difference& d) {
       return WeAloneSay(d, "want an enum value") && IsJsonNumber(RefusedToken(d)) &&
              d.type->file()->syntax() != google::protobuf::FileDescriptor::SYNTAX_PROTO3;
     },
     R"({"mood":5})", "oracle.Defaults"},
    {"NullValue with another number", "it has one value",
     [](const Difference& d) {
       return (WeAloneSay(d, "ullValue: want an enum value") ||
               WeAloneSay(d, "ull_value: want an enum value")) &&
              IsJsonNumber(RefusedToken(d));
     },
     R"({"nullValue":5})", "oracle.Choices"},
    {"a number that is rounded to an integer",
     "the converter makes a double of it before it looks whether it is an integer in range",
     [](const Difference& d) { return WeAloneSay(d, "want an integer") && RoundsToInteger(RefusedToken(d)); },
     R"({"anInt32":1e-400})", "oracle.Scalars"},
    {"nested deeper", "our limit is 64 levels, the converter's 100",
     [](const Difference& d) { return WeAloneSay(d, "nested deeper than 64") && DepthOf(d.document) > 64; },
     kDeepMessage, "oracle.Tree"},
    {"a value in place of a list", "a list is an array",
     [](const Difference& d) { return WeAloneSay(d, "want an array") && RefusedToken(d) != "["; },
     R"({"leaves":{}})", "oracle.Lists"},
    {"a list in a list", "the converter makes one list of both",
     [](const Difference& d) { return WeAloneSay(d, ", got an array") && RefusedToken(d) == "["; },
     R"({"int32s":[[1]]})", "oracle.Lists"},
    {"an object in place of a wrapper or a time", "these have forms of their own",
     [](const Difference& d) { return WeAloneSay(d, ", got an object") && RefusedToken(d) == "{"; },
     R"({"wrappedInt32":{"value":1}})", "oracle.WellKnown"},
    {"a time in another form", "RFC 3339, section 5.6; at most nine digits behind the point",
     [](const Difference& d) { return WeAloneSayOfOtherForm(d, "want a time", kTimeForm); },
     R"({"timestamp":"1970-1-01T00:00:00Z"})", "oracle.WellKnown"},
    {"a duration in another form",
     "a decimal as JSON has it, at most nine digits behind the point, and an `s`",
     [](const Difference& d) { return WeAloneSayOfOtherForm(d, "want a duration", kDurationForm); },
     R"({"duration":"01s"})", "oracle.WellKnown"},
    {"a FieldMask in another form",
     "names in lowerCamelCase with points between them: others do not come back",
     [](const Difference& d) { return WeAloneSayOfOtherForm(d, "want paths of fields", kMaskForm); },
     R"({"mask":"a b"})", "oracle.WellKnown"},
    {"an empty key",
     "a key like any other, here an unknown one; the converter takes it for an element of a list",
     [](const Difference& d) { return WeAloneSay(d, "unknown key") && RefusedToken(d) == R"("")"; },
     R"({"children":[{"":{}}]})", "oracle.Tree"},
};

// Documents that we alone read.
const Explanation kWeRead[] = {
    {"an integer in quotes with a point or an exponent, or -0",
     "later conformance suites want it taken as without quotes",
     [](const Difference& d) {
       return (TheyAloneSay(d, "INT") || TheyAloneSay(d, "FIXED")) && IsJsonNumber(TheirString(d)) &&
              Matches(TheirString(d), R"(.*[.eE].*|-0)");
     },
     R"({"anInt32":"1e3"})", "oracle.Scalars"},
    {"base64 with bits to spare", "the conformance suite wants them passed over",
     [](const Difference& d) { return TheyAloneSay(d, "for type TYPE_BYTES") && IsBase64(TheirString(d)); },
     R"({"someBytes":"AQJ="})", "oracle.Scalars"},
    {"another host in an Any", "the specification asks nothing of the URL but a type behind its last slash",
     [](const Difference& d) { return TheyAloneSay(d, "Invalid type URL"); },
     R"({"any":{"@type":"example.com/oracle.Leaf"}})", "oracle.WellKnown"},
    {"a ListValue in an Any", "the converter looks for a field where there is a list",
     [](const Difference& d) {
       return (TheyAloneSay(d, "Cannot find field.") || TheyAloneSay(d, "root message with ListValue")) &&
              Contains(d.our_message->DebugString(), "google.protobuf.ListValue");
     },
     R"({"any":{"@type":"type.googleapis.com/google.protobuf.ListValue","value":[]}})", "oracle.WellKnown"},
    {"a well-known type in an Any, its value left out, with other keys ignored",
     "the converter takes one without a value if there is no other key",
     [](const Difference& d) { return d.ignore_unknown && TheyAloneSay(d, "for type Any"); },
     R"({"any":{"@type":"type.googleapis.com/google.protobuf.Int64Value","other":"0"}})", "oracle.WellKnown"},
    {"a key behind the value of a well-known type in an Any, ignored",
     "a check of the converter's own fails on it",
     [](const Difference& d) {
       return d.ignore_unknown && TheyAloneSay(d, "CHECK failed: !done_") && Contains(d.document, "@type");
     },
     R"({"any":{"@type":"type.googleapis.com/google.protobuf.BytesValue","value":"","other":""}})",
     "oracle.WellKnown"},
    {"a number that no double holds, ignored", "it is JSON, and nobody wants to know it",
     [](const Difference& d) {
       return d.ignore_unknown && TheyAloneSay(d, "Number exceeds the range of double") && IsJson(d.document);
     },
     R"({"other":1e400})", "oracle.Scalars"},
    {"a Value that is too deep for the binary form",
     "the converter makes that first, of which protobuf reads 100 levels",
     [](const Difference& d) {
       return TheyAloneSay(d, "transcoder produced invalid protobuf") && DepthOf(d.document) > 45;
     },
     kDeepList, "oracle.WellKnown"},
};

// Documents that are taken alike as soon as their one cause is changed. Looked at last, as that takes time.
const Explanation kWithOneCause[] = {
    {"an integer written as a decimal", "ours is exact; the converter rounds it to a double first",
     [](const Difference& d) { return d.we_accept() && AgreeWithPlainInteger(d); },
     R"({"anInt64":9007199254740993.0})", "oracle.Scalars"},
    {"a float that is rounded twice", "ours is the nearest; the converter rounds to a double first",
     [](const Difference& d) { return d.we_accept() && d.they_accept() && AgreeWithNearestFloat(d); },
     R"({"aFloat":1.00000017881393432617187499})", "oracle.Scalars"},
    {"an enum's number in quotes, ignored",
     "an enum is a name in quotes or a bare number: this name is unknown",
     [](const Difference& d) { return d.ignore_unknown && d.they_accept() && AgreeWithUnquotedInteger(d); },
     R"({"shade":"1"})", "oracle.Scalars"},
    {"an unknown enum name in an Any, ignored",
     "the converter forgets in an Any in an Any what it is to ignore",
     [](const Difference& d) {
       return d.ignore_unknown && TheyAloneSay(d, "invalid value") && Contains(d.document, "@type") &&
              AgreeWithKeyReplaced(d, ".*");
     },
     R"({"any":{"@type":"type.googleapis.com/google.protobuf.Any",)"
     R"("value":{"@type":"type.googleapis.com/oracle.Scalars","shade":"SHADE_NEW"}}})",
     "oracle.WellKnown"},
    {"an empty key, ignored", "a key like any other",
     [](const Difference& d) { return d.we_accept() && AgreeWithKeyReplaced(d, ""); }, R"({"":1})",
     "oracle.Scalars"},
};

}  // namespace

std::span<const Explanation> Explanations() {
  static const std::vector<Explanation> kAll = [] {
    std::vector<Explanation> all;
    for (const std::span<const Explanation> part :
         {std::span<const Explanation>(kBothRead), std::span<const Explanation>(kTheyRead),
          std::span<const Explanation>(kWeRead), std::span<const Explanation>(kWithOneCause)}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return kAll;
}

std::optional<std::size_t> Explain(const Difference& difference) {
  const std::span<const Explanation> all = Explanations();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].explains(difference)) return i;
  }
  return {};
}

}  // namespace oracle
