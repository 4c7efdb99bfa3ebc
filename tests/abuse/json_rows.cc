#include <absl/strings/str_cat.h>

#include "abuse/table.h"

namespace federation::abuse {
namespace {

constexpr auto kOpen = AbuseRow::After::kOpen;

std::string Repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// A body that is no push.
AbuseRow Refused(const char* name, std::string_view body, const char* detail) {
  return {name, Post("/http/v1/updates", {}, body), 400, detail, kOpen};
}

// A value under a key that nobody knows: it is checked all the same.
AbuseRow BadValue(const char* name, std::string_view value, const char* detail) {
  return Refused(name, absl::StrCat(R"({"seq":0,"x":)", std::string(value), "}"), detail);
}
AbuseRow GoodValue(const char* name, std::string_view value) {
  return {name, Post("/http/v1/updates", {}, absl::StrCat(R"({"seq":0,"x":)", std::string(value), "}")), 200,
          R"({"receive":"ok","seq":3})", kOpen};
}

}  // namespace

std::vector<AbuseRow> JsonRows() {
  return {
      Refused("an empty body", "", "want an object, got the end of the document"),
      Refused("white space", " \r\n\t", "want an object, got the end of the document"),
      Refused("an array", "[]", "want an object, got an array"),
      Refused("a string", R"("seq")", "want an object"),
      Refused("a number", "0", "want an object, got 0"),
      Refused("null", "null", "want an object, got null"),
      Refused("a byte order mark", "\xEF\xBB\xBF{\"seq\":0}", "want an object"),
      Refused("UTF-16", std::string("{\0\"\0s\0e\0q\0\"\0", 12), "want"),
      Refused("a document that breaks off", R"({"seq":0,"x":[1,2)", "want a comma or the end of the array"),
      Refused("a string that breaks off", R"({"seq":0,"x":"abc)", "string without an end"),
      Refused("an escape that breaks off", "{\"seq\":0,\"x\":\"\\", "string without an end"),
      Refused("an escape in hexadecimal that breaks off", R"({"seq":0,"x":"\u12)", "invalid"),
      Refused("two documents", R"({"seq":0}{"seq":0})", "want the end of the document"),
      Refused("a byte behind the document", R"({"seq":0}x)", "want the end of the document, got x"),
      Refused("a NUL byte behind the document", std::string("{\"seq\":0}\0", 10),
              "want the end of the document"),
      Refused("a comma at the end", R"({"seq":0,})", "want a key"),
      Refused("a comma first", R"({,"seq":0})", "want a key"),
      Refused("two commas", R"({"seq":0,,"x":1})", "want a key"),
      Refused("no comma", R"({"seq":0 "x":1})", "want a comma or the end of the object"),
      Refused("no colon", R"({"seq" 0})", "want a colon"),
      Refused("a key without quotes", "{seq:0}", "want a key"),
      Refused("a key in single quotes", "{'seq':0}", "want a key"),
      Refused("a comment", R"({"seq":0/* none */})", "want a comma or the end of the object"),
      Refused("a number for a key", R"({0:"seq"})", "want a key"),
      Refused("a bracket of the other kind", R"({"seq":0])", "want a comma or the end of the object"),
      Refused("a key of the push twice", R"({"seq":0,"seq":0})", "seq: duplicate key"),
      Refused("a key twice, once with escapes", R"({"seq":0,"\u0073eq":1})", "duplicate key"),
      Refused("an unknown key twice", R"({"x":1,"seq":0,"x":1})", "x: duplicate key"),
      Refused("a key twice inside of what is passed over", R"({"seq":0,"x":{"a":1,"b":2,"a":3}})",
              "x.a: duplicate key"),
      Refused(
          "a key twice among a thousand",
          [] {
            std::string body = R"({"seq":0)";
            for (int i = 0; i < 1000; ++i) absl::StrAppend(&body, ",\"k", i, "\":0");
            return body + R"(,"k999":0})";
          }(),
          "k999: duplicate key"),
      Refused("an empty key twice", R"({"":1,"":2,"seq":0})", "duplicate key"),
      Refused("invalid UTF-8", "{\"seq\":0,\"x\":\"\xff\"}", "invalid UTF-8"),
      Refused("invalid UTF-8 in a key", "{\"seq\":0,\"\xc3\":1}", "invalid UTF-8"),
      Refused("an overlong slash", "{\"seq\":0,\"x\":\"\xc0\xaf\"}", "invalid UTF-8"),
      Refused("a surrogate in UTF-8", "{\"seq\":0,\"x\":\"\xed\xa0\x80\"}", "invalid UTF-8"),
      Refused("a code point above U+10FFFF", "{\"seq\":0,\"x\":\"\xf4\x90\x80\x80\"}", "invalid UTF-8"),
      Refused("UTF-8 that breaks off", "{\"seq\":0}\xf0\x9f", "invalid UTF-8"),
      BadValue("a high surrogate alone", R"("\ud800")", "lone surrogate"),
      BadValue("a low surrogate alone", R"("\udc00")", "lone surrogate"),
      BadValue("surrogates the wrong way around", R"("\udc00\ud800")", "lone surrogate"),
      BadValue("two high surrogates", R"("\ud800\ud800")", "lone surrogate"),
      BadValue("a lone surrogate in a key", R"({"\ud800":1})", "lone surrogate"),
      BadValue("a line feed in a string", "\"a\nb\"", "control character"),
      BadValue("a NUL byte in a string", std::string("\"a\0b\"", 5), "control character"),
      BadValue("an escape that is none", R"("\x41")", "invalid escape"),
      BadValue("an escape with a letter too far", R"("\u12g4")", "invalid \\\\u escape"),
      BadValue("a plus", "+1", "want a value"),
      BadValue("a leading zero", "01", "want a comma"),
      BadValue("a point at the end", "1.", "want"),
      BadValue("a point first", ".5", "want a value"),
      BadValue("no exponent", "1e", "want"),
      BadValue("a number in hexadecimal", "0x10", "want a comma"),
      BadValue("NaN", "NaN", "want a value"),
      BadValue("Infinity", "-Infinity", "want a value"),
      BadValue("a minus alone", "-", "want a value"),
      BadValue("True", "True", "want a value"),
      BadValue("half of null", "nul", "want a value"),
      BadValue("undefined", "undefined", "want a value"),
      BadValue("65 levels of arrays", Repeated("[", 64) + Repeated("]", 64), "nested deeper than 64"),
      BadValue("65 levels of objects", Repeated(R"({"a":)", 64) + "1" + Repeated("}", 64),
               "nested deeper than 64"),
      BadValue("50 000 brackets", std::string(50'000, '['), "nested deeper than 64"),
      BadValue("10 000 objects without an end", Repeated(R"({"a":)", 10'000), "nested deeper than 64"),
      Refused("50 000 closing brackets", std::string(50'000, ']'), "want an object"),
      GoodValue("64 levels, which may be", Repeated("[", 63) + Repeated("]", 63)),
      GoodValue("a number of 50 000 digits, which is one", std::string(50'000, '9')),
      GoodValue("an exponent beyond every double, which is a number", "1e999999999999"),
      GoodValue("10 000 empty arrays", "[" + Repeated("[],", 9'999) + "[]]"),
      GoodValue("an emoji as a pair of surrogates", R"("\ud83d\ude00")"),
  };
}

}  // namespace federation::abuse
