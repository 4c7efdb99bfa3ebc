// What canonical ProtoJSON demands of a reader and of a writer, one row a rule. Beside the rules of
// protobuf 3.21's conformance suite these are the ones that later suites ask for.
#include <memory>
#include <string>
#include <string_view>

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "oracle/canonical_bytes.h"
#include "oracle/codecs.h"

namespace {

using federation::json::DecodeOptions;
using google::protobuf::Message;
using oracle::Codec;

enum class Unknown { kRefuse, kIgnore };

// `json` is read as `text`, a message in the text format; null: it is refused.
struct ReadRow {
  const char* rule;
  const char* type;
  std::string json;
  const char* text;
  Unknown unknown = Unknown::kRefuse;
};

// `text` is written as `json`; null: it has no JSON form.
struct WriteRow {
  const char* rule;
  const char* type;
  std::string text;
  const char* json;
};

std::string Repeat(std::string_view piece, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += piece;
  return result;
}

std::string Nested(const char* open, const char* inner, const char* close, int times) {
  return Repeat(open, times) + inner + Repeat(close, times);
}

// U+0661, U+FF11 and letters between digits: digits of other scripts are none here.
constexpr char kArabicDigits[] = "{\"anInt32\":\"\xD9\xA1\xD9\xA2\"}";
constexpr char kFullWidthDigits[] = "{\"anInt64\":\"\xEF\xBC\x91\"}";
constexpr char kLettersInNumber[] = "{\"aFloat\":\"12\xE8\xB0\xB7\x33\x34\"}";

const ReadRow kReadRows[] = {
    // Documents.
    {"the document is an object", "Scalars", "null", nullptr},
    {"the document is an object", "Scalars", "[]", nullptr},
    {"the document is an object", "Scalars", "", nullptr},
    {"one document", "Scalars", "{}{}", nullptr},
    {"one document", "Scalars", "{} ,", nullptr},
    {"no byte order mark", "Scalars", "\xEF\xBB\xBF{}", nullptr},
    {"no comments", "Scalars", "{/**/}", nullptr},
    {"no trailing comma", "Scalars", R"({"anInt32":1,})", nullptr},
    {"no trailing comma", "Lists", R"({"int32s":[1,]})", nullptr},
    {"no missing comma", "Scalars", R"({"anInt32":1 "anInt64":2})", nullptr},
    {"white space is JSON's four", "Scalars", "\t\r\n {\t\"anInt32\"\n:\r1 }\n", "an_int32: 1"},
    {"white space is JSON's four", "Scalars", "{\f}", nullptr},
    {"white space is JSON's four", "Scalars", "{\"leaf\":{},\x0E\"anInt32\":1}", nullptr},
    {"white space is JSON's four", "Lists", "{\"int32s\":[1,\v2]}", nullptr},
    {"keys are quoted", "Scalars", "{anInt32:1}", nullptr},
    {"quotes are double", "Scalars", "{'anInt32':1}", nullptr},
    {"keys may have escapes", "Scalars", R"({"anIn\u007432":1})", "an_int32: 1"},
    {"keys have no other case", "Scalars", R"({"anint32":1})", nullptr},
    {"unknown keys are refused", "Scalars", R"({"unknown":1})", nullptr},
    {"unknown keys are ignored", "Scalars", R"({"unknown":{"a":[1,"x",{}]},"anInt32":1})", "an_int32: 1",
     Unknown::kIgnore},
    {"what is ignored is JSON", "Scalars", R"({"unknown":{"a":[1,]}})", nullptr, Unknown::kIgnore},
    {"no key twice", "Scalars", R"({"anInt32":1,"anInt32":1})", nullptr},
    {"no key in two spellings", "Scalars", R"({"anInt32":1,"an_int32":1})", nullptr},
    {"no key in two spellings", "Scalars", R"({"leaf":{},"l\u0065af":{}})", nullptr},
    {"no unknown key twice", "Scalars", R"({"x":1,"x":1})", nullptr, Unknown::kIgnore},

    // Integers.
    {"min and max", "Scalars", R"({"anInt32":-2147483648,"aUint32":4294967295})",
     "an_int32: -2147483648 a_uint32: 4294967295"},
    {"min and max", "Scalars", R"({"anInt64":-9223372036854775808,"aUint64":18446744073709551615})",
     "an_int64: -9223372036854775808 a_uint64: 18446744073709551615"},
    {"min and max, quoted", "Scalars",
     R"({"anInt64":"9223372036854775807","aUint64":"18446744073709551615"})",
     "an_int64: 9223372036854775807 a_uint64: 18446744073709551615"},
    {"in range", "Scalars", R"({"anInt32":2147483648})", nullptr},
    {"in range", "Scalars", R"({"anInt32":-2147483649})", nullptr},
    {"in range", "Scalars", R"({"aUint32":4294967296})", nullptr},
    {"in range", "Scalars", R"({"aUint32":-1})", nullptr},
    {"in range", "Scalars", R"({"anInt64":"9223372036854775808"})", nullptr},
    {"in range", "Scalars", R"({"aUint64":"18446744073709551616"})", nullptr},
    {"in range", "Scalars", R"({"aUint64":"1e536870000"})", nullptr},
    {"in range", "Scalars", R"({"anInt64":1e20})", nullptr},
    {"exact beyond 2^53", "Scalars", R"({"anInt64":9007199254740993.0})", "an_int64: 9007199254740993"},
    {"exact beyond 2^53", "Scalars", R"({"anInt64":"9007199254740993e0"})", "an_int64: 9007199254740993"},
    {"integers as floating point", "Scalars", R"({"anInt32":1e5,"aUint32":100000.000})",
     "an_int32: 100000 a_uint32: 100000"},
    {"integers as floating point", "Scalars", R"({"anInt32":-2.147483648e9})", "an_int32: -2147483648"},
    {"integers as floating point, quoted", "Scalars", R"({"anInt32":"1e5"})", "an_int32: 100000"},
    {"integers as floating point", "Scalars", R"({"anInt32":120e-1})", "an_int32: 12"},
    {"minus zero is zero", "Scalars", R"({"anInt32":-0,"aUint64":-0.0})", ""},
    {"no fraction", "Scalars", R"({"anInt32":0.5})", nullptr},
    {"no fraction", "Scalars", R"({"aUint64":"0.5"})", nullptr},
    {"no fraction", "Scalars", R"({"anInt64":1e-1})", nullptr},
    {"no leading zero", "Scalars", R"({"anInt32":01})", nullptr},
    {"no leading zero", "Scalars", R"({"anInt32":-01})", nullptr},
    {"no plus", "Scalars", R"({"anInt32":+1})", nullptr},
    {"digits on both sides", "Scalars", R"({"anInt32":1.})", nullptr},
    {"digits on both sides", "Scalars", R"({"aDouble":.5})", nullptr},
    {"an exponent has digits", "Scalars", R"({"aDouble":1e})", nullptr},
    {"quoted like bare", "Scalars", R"({"anInt32":" 1"})", nullptr},
    {"quoted like bare", "Scalars", R"({"anInt32":"1 "})", nullptr},
    {"quoted like bare", "Scalars", R"({"anInt32":"\n1"})", nullptr},
    {"quoted like bare", "Scalars", R"({"anInt32":"+1"})", nullptr},
    {"quoted like bare", "Scalars", R"({"anInt32":"0x1"})", nullptr},
    {"quoted like bare", "Scalars", R"({"anInt32":""})", nullptr},
    {"quoted like bare", "Scalars", R"({"aUint64":""})", nullptr},
    {"quoted like bare", "Scalars", R"({"anInt32":"3x3"})", nullptr},
    {"quoted like bare", "Scalars", R"({"anInt32":"12 34"})", nullptr},
    {"quoted like bare", "Scalars", R"({"anInt32":"12,34"})", nullptr},
    {"quoted with escapes", "Scalars", R"({"anInt32":"2\u0031"})", "an_int32: 21"},
    {"digits are ASCII", "Scalars", kArabicDigits, nullptr},
    {"digits are ASCII", "Scalars", kFullWidthDigits, nullptr},
    {"a bool is no number", "Scalars", R"({"anInt32":true})", nullptr},

    // Floating point.
    {"float's edges", "Scalars", R"({"aFloat":3.4028234663852886e38})", "a_float: 3.4028235e38"},
    {"float's edges", "Scalars", R"({"aFloat":1e-45})", "a_float: 1e-45"},
    {"too small is zero", "Scalars", R"({"aDouble":1e-400})", ""},
    {"in range", "Scalars", R"({"aFloat":3.502823e38})", nullptr},
    {"in range", "Scalars", R"({"aFloat":-3.502823e+38})", nullptr},
    {"in range", "Scalars", R"({"aDouble":1.89769e308})", nullptr},
    {"in range", "Scalars", R"({"aDouble":"-1.89769e308"})", nullptr},
    {"minus zero is kept", "Scalars", R"({"aDouble":-0.0,"aFloat":-0})", "a_double: -0.0 a_float: -0.0"},
    {"quoted", "Scalars", R"({"aFloat":"1.5","aDouble":"1e1"})", "a_float: 1.5 a_double: 10"},
    {"names are quoted", "Scalars", R"({"aDouble":"NaN"})", "a_double: nan"},
    {"names are quoted", "Scalars", R"({"aFloat":"-Infinity"})", "a_float: -inf"},
    {"names are quoted", "Scalars", R"({"aDouble":NaN})", nullptr},
    {"names are quoted", "Scalars", R"({"aDouble":-Infinity})", nullptr},
    {"names have one spelling", "Scalars", R"({"aDouble":"nan"})", nullptr},
    {"names have one spelling", "Scalars", R"({"aDouble":"inf"})", nullptr},
    {"names have one spelling", "Scalars", R"({"aDouble":"+Infinity"})", nullptr},
    {"quoted like bare", "Scalars", R"({"aFloat":""})", nullptr},
    {"quoted like bare", "Scalars", R"({"aFloat":"12abc"})", nullptr},
    {"quoted like bare", "Scalars", R"({"aFloat":"1.5 "})", nullptr},
    {"quoted like bare", "Scalars", R"({"aDouble":"0x1p3"})", nullptr},
    {"quoted like bare", "Scalars", kLettersInNumber, nullptr},
    {"a bool is no number", "Scalars", R"({"aFloat":false})", nullptr},

    // Bool, string, bytes, enum.
    {"bool has two spellings", "Scalars", R"({"aBool":true})", "a_bool: true"},
    {"bool has two spellings", "Scalars", R"({"aBool":"true"})", nullptr},
    {"bool has two spellings", "Scalars", R"({"aBool":1})", nullptr},
    {"bool has two spellings", "Scalars", R"({"aBool":True})", nullptr},
    {"a number is no string", "Scalars", R"({"aString":12345})", nullptr},
    {"a zero byte, escaped", "Scalars", R"({"aString":"a\u0000b"})", R"(a_string: "a\000b")"},
    {"every escape", "Scalars", R"({"aString":"\"\\\/\b\f\n\r\t"})", R"(a_string: "\"\\/\b\f\n\r\t")"},
    {"a pair of surrogates", "Scalars", R"({"aString":"\uD83D\uDE01"})", R"(a_string: "\360\237\230\201")"},
    {"no lone surrogate", "Scalars", R"({"aString":"\uD800"})", nullptr},
    {"no lone surrogate", "Scalars", R"({"aString":"\uDC00"})", nullptr},
    {"no lone surrogate", "Scalars", R"({"aString":"\uD800x"})", nullptr},
    {"no lone surrogate", "Scalars", R"({"aString":"\uDE01\uD83D"})", nullptr},
    {"no lone surrogate in a key", "Maps", R"({"byString":{"\uD800":{}}})", nullptr},
    {"no other escape", "Scalars", R"({"aString":"\U00e9"})", nullptr},
    {"no other escape", "Scalars", R"({"aString":"\u12"})", nullptr},
    {"no other escape", "Scalars", R"({"aString":"\'"})", nullptr},
    {"no bare control", "Scalars", "{\"aString\":\"\t\"}", nullptr},
    {"the end of a string", "Scalars", "{\"aString\":\"abc\\", nullptr},
    {"UTF-8", "Scalars", "{\"aString\":\"\xC3\"}", nullptr},
    {"UTF-8, no surrogates", "Scalars", "{\"aString\":\"\xED\xA0\x80\"}", nullptr},
    {"base64", "Scalars", R"({"someBytes":"AQI="})", R"(some_bytes: "\001\002")"},
    {"base64 without padding", "Scalars", R"({"someBytes":"AQI"})", R"(some_bytes: "\001\002")"},
    {"base64 of both alphabets", "Scalars", R"({"someBytes":"+/8="})", R"(some_bytes: "\373\377")"},
    {"base64 of both alphabets", "Scalars", R"({"someBytes":"-_8"})", R"(some_bytes: "\373\377")"},
    {"base64 with bits to spare", "Scalars", R"({"someBytes":"-_"})", R"(some_bytes: "\373")"},
    {"base64 has no white space", "Scalars", R"({"someBytes":"AQ I="})", nullptr},
    {"base64 has no other letters", "Scalars", R"({"someBytes":"AQ!I"})", nullptr},
    {"base64 is no digit long", "Scalars", R"({"someBytes":"A"})", nullptr},
    {"an enum's name", "Scalars", R"({"shade":"SHADE_LIGHT"})", "shade: SHADE_LIGHT"},
    {"an enum's other name", "Scalars", R"({"shade":"SHADE_DIM"})", "shade: SHADE_DARK"},
    {"an enum's number", "Scalars", R"({"shade":-1})", "shade: SHADE_BELOW"},
    {"an open enum's unknown number", "Scalars", R"({"shade":123})", "shade: 123"},
    {"an enum's number is whole", "Scalars", R"({"shade":1.5})", nullptr},
    {"an enum's name has one case", "Scalars", R"({"shade":"shade_dark"})", nullptr},
    {"an enum's name is quoted", "Scalars", R"({"shade":SHADE_DARK})", nullptr},
    {"an enum is no list", "Scalars", R"({"shade":["SHADE_DARK"]})", nullptr},
    {"an enum is no list", "Scalars", R"({"shade":[2]})", nullptr},
    {"an enum is no bool", "Scalars", R"({"shade":true})", nullptr},
    {"an unknown name is refused", "Scalars", R"({"shade":"SHADE_NEW"})", nullptr},
    {"an unknown name is refused", "Lists", R"({"shades":["SHADE_NEW"]})", nullptr},
    {"an unknown name is refused", "Maps", R"({"bySfixed64":{"1":"SHADE_NEW"}})", nullptr},
    {"an unknown name is passed over", "Scalars", R"({"shade":"SHADE_NEW"})", "", Unknown::kIgnore},
    {"an unknown name is passed over", "Optionals", R"({"shade":"SHADE_NEW"})", "", Unknown::kIgnore},
    {"an unknown name is passed over", "Lists", R"({"shades":["SHADE_NEW"]})", "", Unknown::kIgnore},
    {"its neighbours stay", "Lists", R"({"shades":["SHADE_DARK","SHADE_NEW","SHADE_LIGHT"]})",
     "shades: [SHADE_DARK, SHADE_LIGHT]", Unknown::kIgnore},
    {"its neighbours stay", "Maps", R"({"bySfixed64":{"1":"SHADE_DARK","2":"SHADE_NEW"}})",
     "by_sfixed64 { key: 1 value: SHADE_DARK }", Unknown::kIgnore},
    {"a closed enum's number", "Defaults", R"({"mood":1})", "mood: MOOD_BRIGHT"},

    // Lists, maps, messages, null.
    {"a list is an array", "Lists", R"({"int32s":1})", nullptr},
    {"a list is an array", "Lists", R"({"leaves":{"size":1}})", nullptr},
    {"elements of one kind", "Lists", R"({"int32s":[1,false]})", nullptr},
    {"elements of one kind", "Lists", R"({"strings":["1",2]})", nullptr},
    {"elements of one kind", "Lists", R"({"leaves":[{},"2"]})", nullptr},
    {"no null element", "Lists", R"({"int32s":[1,null,2]})", nullptr},
    {"no null element", "Lists", R"({"leaves":[{},null]})", nullptr},
    {"no null element", "WellKnownLists", R"({"timestamps":[null]})", nullptr},
    {"no null element", "WellKnownLists", R"({"wrappedBools":[null]})", nullptr},
    {"a null Value element", "WellKnownLists", R"({"values":[null]})", "values { null_value: NULL_VALUE }"},
    {"null is not set", "Scalars", R"({"anInt32":null,"aString":null,"leaf":null,"shade":null})", ""},
    {"null is not set", "Optionals", R"({"anInt32":null,"aString":null,"leaf":null,"shade":null})", ""},
    {"null is not set", "Lists", R"({"int32s":null,"leaves":null})", ""},
    {"null is not set", "Maps", R"({"byInt32":null,"byString":null})", ""},
    {"null behind white space is not set", "Scalars", "{\n \"anInt32\": null,\n \"aString\" :\tnull\n}", ""},
    {"null behind white space is not set", "Choices", R"({ "anInt32": null, "aString": "x" })",
     "a_string: 'x'"},
    {"null is one word", "Scalars", R"({"anInt32":nul})", nullptr},
    {"keys of maps are quoted", "Maps", R"({"byInt32":{1:2}})", nullptr},
    {"keys of maps are quoted", "Maps", R"({"byBool":{true:{}}})", nullptr},
    {"keys of maps may have escapes", "Maps", R"({"byInt64":{"\u0031":2}})", "by_int64 { key: 1 value: 2 }"},
    {"keys of maps may have escapes", "Maps", R"({"byBool":{"tr\u0075e":{}}})",
     "by_bool { key: true value {} }"},
    {"keys of maps are of their kind", "Maps", R"({"byBool":{"1":{}}})", nullptr},
    {"keys of maps are of their kind", "Maps", R"({"byInt32":{"a":1}})", nullptr},
    {"keys of maps are of their kind", "Maps", R"({"byUint32":{"-1":1}})", nullptr},
    {"keys of maps are in range", "Maps", R"({"byInt32":{"2147483648":1}})", nullptr},
    {"no null key", "Maps", R"({"byInt32":{null:1}})", nullptr},
    {"no null value", "Maps", R"({"byInt32":{"0":null}})", nullptr},
    {"no null value", "Maps", R"({"byString":{"a":null}})", nullptr},
    {"a null Value in a map", "Maps", R"({"values":{"a":null}})",
     "values { key: 'a' value { null_value: NULL_VALUE } }"},
    {"no key of a map twice", "Maps", R"({"byInt32":{"1":1,"1":1}})", nullptr},
    {"no key of a map twice", "Maps", R"({"bySfixed64":{"1":"SHADE_NEW","1":"SHADE_DARK"}})", nullptr,
     Unknown::kIgnore},
    {"no key of a map twice", "Maps", R"({"bySfixed64":{"1":"SHADE_DARK","1":"SHADE_NEW"}})", nullptr,
     Unknown::kIgnore},
    {"no key of a map in two spellings", "Maps", R"({"byInt32":{"1":1,"\u0031":1}})", nullptr},
    {"a message is an object", "Scalars", R"({"leaf":[]})", nullptr},
    {"a message is an object", "Scalars", R"({"leaf":""})", nullptr},
    {"an empty message is set", "Scalars", R"({"leaf":{}})", "leaf {}"},
    {"recursion has an end", "Tree", Nested(R"({"left":)", "{}", "}", 200), nullptr},

    // Oneofs.
    {"no second case", "Choices", R"({"anInt32":1,"aString":"x"})", nullptr},
    {"no second case", "Choices", R"({"aString":"x","anInt32":1})", nullptr},
    {"null is no case", "Choices", R"({"anInt32":null,"aString":"x"})", "a_string: 'x'"},
    {"null is no case", "Choices", R"({"aString":"x","anInt32":null})", "a_string: 'x'"},
    {"a default is a case", "Choices", R"({"anInt32":0})", "an_int32: 0"},
    {"a default is a case", "Choices", R"({"aString":""})", "a_string: ''"},
    {"a default is a case", "Choices", R"({"leaf":{}})", "leaf {}"},
    {"a default is a case", "Choices", R"({"shade":"SHADE_UNSPECIFIED"})", "shade: SHADE_UNSPECIFIED"},
    {"NullValue is a case by null", "Choices", R"({"nullValue":null})", "null_value: NULL_VALUE"},
    {"NullValue is a case by its name", "Choices", R"({"nullValue":"NULL_VALUE"})", "null_value: NULL_VALUE"},
    {"Value is a case by null", "Choices", R"({"value":null})", "value { null_value: NULL_VALUE }"},
    {"NullValue is a second case", "Choices", R"({"nullValue":null,"empty":{}})", nullptr},

    // Names.
    {"every name in lower camel case", "Names",
     R"({"Leading":7,"trailing":8,"inBetween":9,"with3Digits4":10,"CamelCase":11,"SHOUTEDNAME":12})",
     "__leading: 7 trailing__: 8 in__between: 9 with_3_digits4: 10 CamelCase: 11 SHOUTED_NAME: 12"},
    {"every name as written", "Names",
     R"({"__leading":7,"trailing__":8,"in__between":9,"with_3_digits4":10,"CamelCase":11,"SHOUTED_NAME":12})",
     "__leading: 7 trailing__: 8 in__between: 9 with_3_digits4: 10 CamelCase: 11 SHOUTED_NAME: 12"},
    {"a name of its own", "Names", R"({"other name":13,"@type":14})", "renamed: 13 renamed_again: 14"},
    {"lower camel case only where there is no other name", "Names", R"({"renamedAgain":14})", nullptr},

    // Any.
    {"Any", "WellKnown", R"({"any":{"@type":"type.googleapis.com/oracle.Leaf","size":5}})",
     "any { [type.googleapis.com/oracle.Leaf] { size: 5 } }"},
    {"the type at any place", "WellKnown", R"({"any":{"size":5,"@type":"type.googleapis.com/oracle.Leaf"}})",
     "any { [type.googleapis.com/oracle.Leaf] { size: 5 } }"},
    {"Any in Any", "WellKnown",
     R"({"any":{"@type":"type.googleapis.com/google.protobuf.Any",)"
     R"("value":{"@type":"type.googleapis.com/oracle.Leaf","size":5}}})",
     "any { [type.googleapis.com/google.protobuf.Any] { [type.googleapis.com/oracle.Leaf] { size: 5 } } }"},
    {"a wrapper in Any", "WellKnown",
     R"({"any":{"@type":"type.googleapis.com/google.protobuf.Int32Value","value":12}})",
     "any { [type.googleapis.com/google.protobuf.Int32Value] { value: 12 } }"},
    {"a Duration in Any, value first", "WellKnown",
     R"({"any":{"value":"1.5s","@type":"type.googleapis.com/google.protobuf.Duration"}})",
     "any { [type.googleapis.com/google.protobuf.Duration] { seconds: 1 nanos: 500000000 } }"},
    {"a null Value in Any", "WellKnown",
     R"({"any":{"@type":"type.googleapis.com/google.protobuf.Value","value":null}})",
     "any { [type.googleapis.com/google.protobuf.Value] { null_value: NULL_VALUE } }"},
    {"Empty in Any has no value", "WellKnown",
     R"({"any":{"@type":"type.googleapis.com/google.protobuf.Empty"}})",
     "any { [type.googleapis.com/google.protobuf.Empty] {} }"},
    {"an empty Any", "WellKnown", R"({"any":{}})", "any {}"},
    {"null is no Any", "WellKnown", R"({"any":null})", ""},
    {"the type has a URL", "WellKnown", R"({"any":{"@type":"","value":""}})", nullptr},
    {"the type has a URL", "WellKnown", R"({"any":{"@type":"not_a_url","value":""}})", nullptr},
    {"the type is known", "WellKnown", R"({"any":{"@type":"type.googleapis.com/oracle.Nothing"}})", nullptr},
    {"fields want a type", "WellKnown", R"({"any":{"size":5}})", nullptr},
    {"one type", "WellKnown",
     R"({"any":{"@type":"type.googleapis.com/oracle.Leaf","@type":"type.googleapis.com/oracle.Leaf"}})",
     nullptr},
    {"unknown keys in Any", "WellKnown", R"({"any":{"@type":"type.googleapis.com/oracle.Leaf","unknown":5}})",
     nullptr},
    {"unknown keys beside the value", "WellKnown",
     R"({"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s","unknown":5}})", nullptr},
    {"a required field in Any", "WellKnown", R"({"any":{"@type":"type.googleapis.com/oracle.Required"}})",
     nullptr},

    // Timestamp and Duration.
    {"first and last", "WellKnownLists",
     R"({"timestamps":["0001-01-01T00:00:00Z","9999-12-31T23:59:59.999999999Z"]})",
     "timestamps { seconds: -62135596800 } timestamps { seconds: 253402300799 nanos: 999999999 }"},
    {"around the epoch", "WellKnownLists",
     R"({"timestamps":["1969-12-31T23:59:59.999999999Z","1970-01-01T00:00:10.500Z"]})",
     "timestamps { seconds: -1 nanos: 999999999 } timestamps { seconds: 10 nanos: 500000000 }"},
    {"an offset", "WellKnownLists",
     R"({"timestamps":["1970-01-01T08:00:01+08:00","1970-01-02T01:00:00+02:00","1970-01-01T00:00:00-11:30"]})",
     "timestamps { seconds: 1 } timestamps { seconds: 82800 } timestamps { seconds: 41400 }"},
    {"an offset into the range", "WellKnownLists",
     R"({"timestamps":["0001-01-01T00:00:00-00:01","9999-12-31T23:59:59+00:01"]})",
     "timestamps { seconds: -62135596740 } timestamps { seconds: 253402300739 }"},
    {"an offset out of the range", "WellKnown", R"({"timestamp":"0001-01-01T00:00:00+00:01"})", nullptr},
    {"an offset out of the range", "WellKnown", R"({"timestamp":"9999-12-31T23:59:59-00:01"})", nullptr},
    {"an offset has a colon", "WellKnown", R"({"timestamp":"1970-01-01T08:00:01+0800"})", nullptr},
    {"an offset is a time", "WellKnown", R"({"timestamp":"1970-01-01T00:00:00+24:00"})", nullptr},
    {"an offset is a time", "WellKnown", R"({"timestamp":"1970-01-01T00:00:00+00:60"})", nullptr},
    {"an offset or Z", "WellKnown", R"({"timestamp":"1970-01-01T00:00:00"})", nullptr},
    {"capital T and Z", "WellKnown", R"({"timestamp":"1970-01-01t00:00:00Z"})", nullptr},
    {"capital T and Z", "WellKnown", R"({"timestamp":"1970-01-01T00:00:00z"})", nullptr},
    {"capital T and Z", "WellKnown", R"({"timestamp":"1970-01-01 00:00:00Z"})", nullptr},
    {"a leap year", "WellKnown", R"({"timestamp":"2000-02-29T00:00:00Z"})",
     "timestamp { seconds: 951782400 }"},
    {"no leap year", "WellKnown", R"({"timestamp":"2001-02-29T00:00:00Z"})", nullptr},
    {"no leap year", "WellKnown", R"({"timestamp":"1900-02-29T00:00:00Z"})", nullptr},
    {"a day of the month", "WellKnown", R"({"timestamp":"1970-01-32T00:00:00Z"})", nullptr},
    {"a day of the month", "WellKnown", R"({"timestamp":"1970-01-00T00:00:00Z"})", nullptr},
    {"a day of the month", "WellKnown", R"({"timestamp":"1970-04-31T00:00:00Z"})", nullptr},
    {"a month of the year", "WellKnown", R"({"timestamp":"1970-13-01T00:00:00Z"})", nullptr},
    {"a month of the year", "WellKnown", R"({"timestamp":"1970-00-01T00:00:00Z"})", nullptr},
    {"an hour of the day", "WellKnown", R"({"timestamp":"1970-01-01T24:00:00Z"})", nullptr},
    {"a minute of the hour", "WellKnown", R"({"timestamp":"1970-01-01T00:60:00Z"})", nullptr},
    {"a second of the minute", "WellKnown", R"({"timestamp":"1970-01-01T00:00:60Z"})", nullptr},
    {"a year of four digits", "WellKnown", R"({"timestamp":"0000-01-01T00:00:00Z"})", nullptr},
    {"a year of four digits", "WellKnown", R"({"timestamp":"999-01-01T00:00:00Z"})", nullptr},
    {"a year of four digits", "WellKnown", R"({"timestamp":"10000-01-01T00:00:00Z"})", nullptr},
    {"a year of four digits", "WellKnown", R"({"timestamp":"00001-01-01T00:00:00Z"})", nullptr},
    {"two digits", "WellKnown", R"({"timestamp":"1970-1-01T00:00:00Z"})", nullptr},
    {"two digits", "WellKnown", R"({"timestamp":"1970-01-1T00:00:00Z"})", nullptr},
    {"nine digits at most", "WellKnown", R"({"timestamp":"1970-01-01T00:00:00.1234567890Z"})", nullptr},
    {"digits", "WellKnown", R"({"timestamp":"1970-01-01T00:00:00.123aZ"})", nullptr},
    {"digits behind a point", "WellKnown", R"({"timestamp":"1970-01-01T00:00:00.Z"})", nullptr},
    {"nothing behind", "WellKnown", R"({"timestamp":"1970-01-01T00:00:00Z "})", nullptr},
    {"nothing before", "WellKnown", R"({"timestamp":" 1970-01-01T00:00:00Z"})", nullptr},
    {"a string", "WellKnown", R"({"timestamp":0})", nullptr},
    {"null", "WellKnown", R"({"timestamp":null,"duration":null})", ""},
    {"longest and shortest", "WellKnownLists",
     R"({"durations":["-315576000000.999999999s","315576000000.999999999s"]})",
     "durations { seconds: -315576000000 nanos: -999999999 } durations { seconds: 315576000000 nanos: "
     "999999999 }"},
    {"both of one sign", "WellKnownLists", R"({"durations":["-5s","-0.5s","1.5s"]})",
     "durations { seconds: -5 } durations { nanos: -500000000 } durations { seconds: 1 nanos: 500000000 }"},
    {"in range", "WellKnown", R"({"duration":"315576000001s"})", nullptr},
    {"in range", "WellKnown", R"({"duration":"-315576000001.000000000s"})", nullptr},
    {"the unit", "WellKnown", R"({"duration":"1"})", nullptr},
    {"the unit", "WellKnown", R"({"duration":"1S"})", nullptr},
    {"a number", "WellKnown", R"({"duration":"s"})", nullptr},
    {"a number", "WellKnown", R"({"duration":"1e3s"})", nullptr},
    {"a number", "WellKnown", R"({"duration":"--1s"})", nullptr},
    {"no plus", "WellKnown", R"({"duration":"+1s"})", nullptr},
    {"nine digits at most", "WellKnown", R"({"duration":"1.0000000001s"})", nullptr},
    {"nothing around", "WellKnown", R"({"duration":" 1s"})", nullptr},

    // FieldMask, Struct, Value, ListValue, wrappers, Empty.
    {"FieldMask", "WellKnown", R"({"mask":"foo,barBaz.quxQuux"})",
     "mask { paths: 'foo' paths: 'bar_baz.qux_quux' }"},
    {"an empty FieldMask", "WellKnown", R"({"mask":""})", "mask {}"},
    {"no underscore", "WellKnown", R"({"mask":"foo,bar_bar"})", nullptr},
    {"Struct", "WellKnown",
     R"({"struct":{"null":null,"number":1.5,"bool":true,"text":"x","list":[0,"y",[]],"object":{"a":{}}}})",
     R"(struct {
          fields { key: "null" value { null_value: NULL_VALUE } }
          fields { key: "number" value { number_value: 1.5 } }
          fields { key: "bool" value { bool_value: true } }
          fields { key: "text" value { string_value: "x" } }
          fields { key: "list" value { list_value {
            values { number_value: 0 } values { string_value: "y" } values { list_value {} } } } }
          fields { key: "object" value { struct_value {
            fields { key: "a" value { struct_value {} } } } } }
        })"},
    {"a Struct has no key twice", "WellKnown", R"({"struct":{"a":1,"a":2}})", nullptr},
    {"a Struct is an object", "WellKnown", R"({"struct":[]})", nullptr},
    {"a ListValue is an array", "WellKnown", R"({"list":{}})", nullptr},
    {"a Value is null", "WellKnown", R"({"value":null})", "value { null_value: NULL_VALUE }"},
    {"a null Struct is not set", "WellKnown", R"({"struct":null,"list":null})", ""},
    {"a Value's string is no number", "WellKnown", R"({"value":"1"})", "value { string_value: '1' }"},
    {"a Value's number is a double", "WellKnown", R"({"value":1e400})", nullptr},
    {"lists of lists", "WellKnownLists", R"({"lists":[["a"]],"values":[["a"]]})",
     "values { list_value { values { string_value: 'a' } } } lists { values { string_value: 'a' } }"},
    {"deep Values", "WellKnown", R"({"value":)" + Nested("[", "1", "]", 200) + "}", nullptr},
    {"deep Values", "WellKnown", R"({"value":)" + Nested(R"({"n":)", "1", "}", 200) + "}", nullptr},
    {"deep Structs", "WellKnown", R"({"struct":)" + Nested(R"({"n":)", "{}", "}", 200) + "}", nullptr},
    {"a wrapper is its value", "WellKnown",
     R"({"wrappedDouble":0,"wrappedInt64":"0","wrappedBool":false,"wrappedString":"","wrappedBytes":""})",
     "wrapped_double {} wrapped_int64 {} wrapped_bool {} wrapped_string {} wrapped_bytes {}"},
    {"a null wrapper is not set", "WellKnown", R"({"wrappedDouble":null,"wrappedString":null})", ""},
    {"a wrapper is no object", "WellKnown", R"({"wrappedInt32":{"value":1}})", nullptr},
    {"a wrapper is of its kind", "WellKnown", R"({"wrappedUint32":-1})", nullptr},
    {"NullValue without a oneof", "WellKnown", R"({"nullValue":null})", ""},
    {"Empty is an object", "WellKnown", R"({"empty":{}})", "empty {}"},
    {"Empty has no keys", "WellKnown", R"({"empty":{"a":1}})", nullptr},

    // proto2.
    {"required fields", "Required", R"({"number":1,"text":"","mood":"MOOD_CALM"})",
     "number: 1 text: '' mood: MOOD_CALM"},
    {"a required field is missing", "Required", R"({"number":1,"text":""})", nullptr},
    {"a required field is missing inside", "Required",
     R"({"number":1,"text":"","mood":"MOOD_CALM","inner":{"number":1}})", nullptr},
    {"what is not there has its default", "Defaults", R"({})", ""},
    {"null is not there", "Defaults", R"({"anInt32":null})", ""},
};

// Taken, and written again as they are.
const ReadRow kDeepRows[] = {
    {"25 levels of lists", "WellKnown", R"({"value":)" + Nested("[", "1", "]", 25) + "}", ""},
    {"25 levels of objects", "WellKnown", R"({"value":)" + Nested(R"({"n":)", "1", "}", 25) + "}", ""},
    {"25 levels of Structs", "WellKnown", R"({"struct":)" + Nested(R"({"n":)", "{}", "}", 25) + "}", ""},
    {"25 levels of messages", "Tree", Nested(R"({"left":)", "{}", "}", 25), ""},
};

const WriteRow kWriteRows[] = {
    {"defaults are left out", "Scalars", "an_int32: 0 a_string: ''", "{}"},
    {"defaults with presence are written", "Optionals", "an_int32: 0 a_string: '' shade: SHADE_UNSPECIFIED",
     R"({"anInt32":0,"aString":"","shade":"SHADE_UNSPECIFIED"})"},
    {"64-bit integers are quoted", "Scalars", "an_int64: 1 a_uint64: 2 a_sfixed64: -3",
     R"({"anInt64":"1","aUint64":"2","aSfixed64":"-3"})"},
    {"keys of maps are quoted", "Maps", "by_bool { key: true value {} } by_int32 { key: -1 value: 1 }",
     R"({"byInt32":{"-1":1},"byBool":{"true":{}}})"},
    {"base64 is padded", "Scalars", R"(some_bytes: "\373\377")", R"({"someBytes":"+/8="})"},
    {"the first name of a number", "Scalars", "shade: SHADE_DIM", R"({"shade":"SHADE_DARK"})"},
    {"an unknown number", "Scalars", "shade: 123", R"({"shade":123})"},
    {"names of numbers that are none", "Lists", "doubles: [inf, -inf, nan]",
     R"({"doubles":["Infinity","-Infinity","NaN"]})"},
    {"lower camel case", "Names", "__leading: 7 trailing__: 8 with_3_digits4: 10 SHOUTED_NAME: 12",
     R"({"Leading":7,"trailing":8,"with3Digits4":10,"SHOUTEDNAME":12})"},
    {"NullValue in a oneof", "Choices", "null_value: NULL_VALUE", R"({"nullValue":null})"},
    {"NullValue without a oneof", "WellKnown", "null_value: NULL_VALUE", "{}"},
    {"no more digits than it takes", "WellKnownLists",
     "timestamps { } timestamps { nanos: 10000000 } timestamps { nanos: 10000 } timestamps { nanos: 10 }",
     R"({"timestamps":["1970-01-01T00:00:00Z","1970-01-01T00:00:00.010Z","1970-01-01T00:00:00.000010Z",)"
     R"("1970-01-01T00:00:00.000000010Z"]})"},
    {"no more digits than it takes", "WellKnownLists",
     "durations { seconds: 1 } durations { nanos: -10000000 } durations { seconds: 1 nanos: 10000 }"
     " durations { seconds: -1 nanos: -10 }",
     R"({"durations":["1s","-0.010s","1.000010s","-1.000000010s"]})"},
    {"a Timestamp in its range", "WellKnown", "timestamp { seconds: -62135596801 }", nullptr},
    {"a Timestamp in its range", "WellKnown", "timestamp { seconds: 253402300800 }", nullptr},
    {"a Timestamp's nanos", "WellKnown", "timestamp { seconds: 5000 nanos: -1 }", nullptr},
    {"a Timestamp's nanos", "WellKnown", "timestamp { seconds: 5000 nanos: 1000000000 }", nullptr},
    {"a Duration in its range", "WellKnown", "duration { seconds: 315576000001 }", nullptr},
    {"a Duration in its range", "WellKnown", "duration { seconds: -315576000001 }", nullptr},
    {"a Duration of one sign", "WellKnown", "duration { seconds: 1 nanos: -1 }", nullptr},
    {"a Duration of one sign", "WellKnown", "duration { seconds: -1 nanos: 1 }", nullptr},
    {"a Duration's nanos", "WellKnown", "duration { seconds: 1 nanos: 1000000000 }", nullptr},
    {"a Duration's nanos", "WellKnown", "duration { seconds: -1 nanos: -1000000000 }", nullptr},
    {"FieldMask", "WellKnown", "mask { paths: 'foo' paths: 'bar_baz' }", R"({"mask":"foo,barBaz"})"},
    {"a path that comes back", "WellKnown", "mask { paths: 'fooBar' }", nullptr},
    {"a path that comes back", "WellKnown", "mask { paths: 'foo_3_bar' }", nullptr},
    {"a path that comes back", "WellKnown", "mask { paths: 'foo__bar' }", nullptr},
    {"a Value's number is finite", "WellKnown", "value { number_value: nan }", nullptr},
    {"a Value's number is finite", "WellKnown", "value { number_value: -inf }", nullptr},
    {"a Value is something", "WellKnown", "value {}", nullptr},
    {"an empty Any", "WellKnown", "any {}", R"({"any":{}})"},
    {"Empty in Any has no value", "WellKnown", "any { [type.googleapis.com/google.protobuf.Empty] {} }",
     R"({"any":{"@type":"type.googleapis.com/google.protobuf.Empty"}})"},
    {"a Duration in Any", "WellKnown",
     "any { [type.googleapis.com/google.protobuf.Duration] { seconds: 1 } }",
     R"({"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}})"},
    {"an Any of an unknown type", "WellKnown", "any { type_url: 'type.googleapis.com/oracle.Nothing' }",
     nullptr},
    {"an Any of bytes that are none", "WellKnown",
     R"(any { type_url: 'type.googleapis.com/oracle.Leaf' value: '\377' })", nullptr},
    {"a string is UTF-8", "Scalars", R"(a_string: '\377')", nullptr},
    {"a key is UTF-8", "Maps", R"(by_string { key: '\377' value {} })", nullptr},
    {"wrappers are their values", "WellKnown", "wrapped_int64 { value: 1 } wrapped_bool {} wrapped_bytes {}",
     R"({"wrappedInt64":"1","wrappedBool":false,"wrappedBytes":""})"},
};

const Codec* FindCodec(const std::string& type) {
  for (const Codec& codec : oracle::CanonicalCodecs()) {
    if (codec.prototype->GetTypeName() == "oracle." + type) return &codec;
  }
  ADD_FAILURE() << "no codec for " << type;
  return nullptr;
}

absl::Status Read(const Codec& codec, const ReadRow& row, Message* message) {
  DecodeOptions options;
  options.unknown_keys = DecodeOptions::UnknownKeys::kRefuse;
  if (row.unknown == Unknown::kIgnore) {
    options.unknown_keys = DecodeOptions::UnknownKeys::kIgnore;
    options.unknown_enum_names = DecodeOptions::UnknownEnumNames::kIgnore;
  }
  return codec.decode(row.json, options, message);
}

std::unique_ptr<Message> FromText(const Codec& codec, const std::string& text) {
  std::unique_ptr<Message> message(codec.prototype->New());
  google::protobuf::TextFormat::Parser parser;
  parser.AllowPartialMessage(true);
  EXPECT_TRUE(parser.ParseFromString(text, message.get())) << text;
  return message;
}

TEST(ProtoJsonRules, HoldForReading) {
  for (const ReadRow& row : kReadRows) {
    SCOPED_TRACE(std::string(row.rule) + ": " + row.json.substr(0, 200));
    const Codec* const codec = FindCodec(row.type);
    if (codec == nullptr) continue;
    const std::unique_ptr<Message> message(codec->prototype->New());
    const absl::Status status = Read(*codec, row, message.get());
    if (row.text == nullptr) {
      EXPECT_FALSE(status.ok()) << "was read as " << message->ShortDebugString();
    } else if (status.ok()) {
      const std::unique_ptr<Message> wanted = FromText(*codec, row.text);
      EXPECT_EQ(oracle::CanonicalBytes(*message), oracle::CanonicalBytes(*wanted))
          << "was read as " << message->ShortDebugString();
    } else {
      ADD_FAILURE() << "was refused: " << status.message();
    }
  }
}

// An escape at every place of what is read at a time.
TEST(ProtoJsonRules, AllowEscapesAnywhereInLongStrings) {
  const Codec& codec = *FindCodec("Scalars");
  for (int plain = 0; plain < 1'100; ++plain) {
    const std::string before(static_cast<std::size_t>(plain), 'x');
    const std::string behind(1'000, 'y');
    const std::unique_ptr<Message> message(codec.prototype->New());
    const std::string json = R"({"aString":")" + before + R"(\uD83D\uDE01)" + behind + R"("})";
    ASSERT_EQ(codec.decode(json, {}, message.get()), absl::OkStatus()) << plain;
    ASSERT_EQ(codec.encode(*message).value(),
              R"({"aString":")" + before + "\xF0\x9F\x98\x81" + behind + R"("})");
  }
}

TEST(ProtoJsonRules, AllowTwentyFiveLevels) {
  for (const ReadRow& row : kDeepRows) {
    SCOPED_TRACE(row.rule);
    const Codec* const codec = FindCodec(row.type);
    if (codec == nullptr) continue;
    const std::unique_ptr<Message> message(codec->prototype->New());
    EXPECT_EQ(Read(*codec, row, message.get()), absl::OkStatus());
    EXPECT_EQ(codec->encode(*message).value(), row.json);
  }
}

TEST(ProtoJsonRules, HoldForWriting) {
  for (const WriteRow& row : kWriteRows) {
    SCOPED_TRACE(std::string(row.rule) + ": " + row.text);
    const Codec* const codec = FindCodec(row.type);
    if (codec == nullptr) continue;
    const absl::StatusOr<std::string> json = codec->encode(*FromText(*codec, row.text));
    if (row.json == nullptr) {
      EXPECT_FALSE(json.ok()) << "was written as " << *json;
    } else if (json.ok()) {
      EXPECT_EQ(*json, row.json);
    } else {
      ADD_FAILURE() << "was refused: " << json.status().message();
    }
  }
}

}  // namespace
