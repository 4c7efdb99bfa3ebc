#include <absl/strings/str_cat.h>

#include "abuse/table.h"

namespace federation::abuse {
namespace {

constexpr auto kOpen = AbuseRow::After::kOpen;
constexpr auto kNewcomer = AbuseRow::Peer::kNewcomer;
constexpr char kMessage[] =
    R"({"update":"message","peer":{"type":"group","id":1},"content":{"type":"text","text":"Hello"}})";

std::string Push(std::string_view body) { return Post("/http/v1/updates", {}, body); }

// The JSON of a push with the same update so many times.
std::string PushOf(std::string_view update, int count, std::string_view seq) {
  std::string body = R"({"weak":[],"strong":[)";
  for (int i = 0; i < count; ++i) absl::StrAppend(&body, i == 0 ? "" : ",", std::string(update));
  absl::StrAppend(&body, "],\"seq\":", std::string(seq), "}");
  return body;
}

AbuseRow Refused(const char* name, std::string_view body, const char* detail, int status = 400) {
  return {name, Push(body), status, detail, kOpen};
}

// A push of alpha.test that changes nothing, whatever it says.
AbuseRow Answered(const char* name, std::string_view body, const char* answer) {
  return {name, Push(body), 200, answer, kOpen};
}

AbuseRow Seq(const char* name, std::string_view seq, const char* detail) {
  return Refused(name, absl::StrCat(R"({"weak":[],"strong":[],"seq":)", std::string(seq), "}"), detail);
}

// The first update of a link, which the schema does not know: it must not stop the link.
AbuseRow Quarantined(const char* name, std::string_view update) {
  return {name, Push(PushOf(update, 1, "1")), 200, R"({"receive":"ok","seq":1})", kOpen, kNewcomer, {}, 1};
}

constexpr char kOk[] = R"({"receive":"ok","seq":3})";
constexpr char kHole[] = R"({"receive":"hole_detected","seq":4})";

}  // namespace

std::vector<AbuseRow> PushRows() {
  return {
      Refused("a push without a number", R"({"weak":[],"strong":[]})", "want the key \\\"seq\\\", got none"),
      Refused("a push with nothing", "{}", "want the key \\\"seq\\\", got none"),
      Seq("a negative number", "-1", "seq: want an integer from 0 to 18446744073709551615"),
      Seq("minus 2^63", "-9223372036854775808", "seq: want an integer from 0"),
      Seq("2^53", "9007199254740992", "seq: want a number from 0"),
      Seq("2^63", "9223372036854775808", "seq: want a number from 0"),
      Seq("2^64 - 1", "18446744073709551615", "to 9007199254740991, got 18446744073709551615"),
      Seq("2^64", "18446744073709551616", "seq: want an integer from 0"),
      Seq("2^64 + 1", "18446744073709551617", "seq: want an integer from 0"),
      Seq("a number with a fraction", "3.5", "seq: want an integer"),
      Seq("an exponent beyond all numbers", "1e400", "seq: want an integer from 0"),
      Seq("an exponent of 18 digits", "1e999999999999999999", "seq: want an integer"),
      Seq("a number of 1000 digits", std::string(1000, '9'), "seq: want an integer from 0"),
      Seq("null for a number, as if it were not there", "null", "want the key \\\"seq\\\", got none"),
      Seq("true for a number", "true", "seq: want an integer"),
      Seq("an array for a number", "[3]", "seq: want an integer"),
      Seq("an object for a number", "{}", "seq: want an integer"),
      Seq("a word for a number", R"("three")", "seq: want an integer"),
      Seq("an empty string for a number", R"("")", "seq: want an integer"),
      Seq("a number with a space in quotes", R"(" 3")", "seq: want an integer"),
      Seq("a number in hexadecimal in quotes", R"("0x3")", "seq: want an integer"),
      Refused("number 0 for an update", PushOf(kMessage, 1, "0"), "seq: want a number from 1"),
      Refused("a number below the count of updates", PushOf(kMessage, 3, "2"), "seq: want a number from 3"),
      Refused("2^53 with an update", PushOf(kMessage, 1, "9007199254740992"), "seq: want a number from 1"),
      Refused("2^64 - 1 with an update", PushOf(kMessage, 1, "18446744073709551615"), "want a number from 1"),
      Refused("an object for the updates", R"({"strong":{},"seq":3})",
              "strong: want an array, got an object"),
      Refused("a string for the weak updates", R"({"weak":"","seq":3})", "weak: want an array"),
      Refused("a number for an update", R"({"strong":[1],"seq":1})", "strong[0]: want an object, got 1"),
      Refused("null for an update", R"({"strong":[null],"seq":1})", "strong[0]: want an object, got null"),
      Refused("an array for an update", R"({"weak":[[]],"seq":0})", "weak[0]: want an object, got an array"),
      Refused("a bad update behind good ones",
              absl::StrCat(R"({"strong":[)", kMessage, ",", kMessage, R"(,{"a"}],"seq":6})"),
              "strong[2]: want a colon"),
      Refused("a duplicate key in an update", R"({"strong":[{"update":"a","update":"b"}],"seq":4})",
              "strong[0].update: duplicate key"),
      Refused(
          "an update of 63 levels",
          absl::StrCat(R"({"strong":[{"a":)", std::string(62, '['), std::string(62, ']'), R"(}],"seq":4})"),
          "nested deeper than 64"),
      Refused("10 001 updates", PushOf("{}", 10'001, "10001"), "too many updates in one push", 413),
      Refused(
          "10 001 updates of both kinds",
          [] {
            std::string half = "{}";
            for (int i = 0; i < 5000; ++i) half += ",{}";
            return absl::StrCat(R"({"weak":[)", half, R"(],"strong":[)", half, R"(],"seq":5001})");
          }(),
          "too many updates in one push", 413),
      {"a push that is too large", Push(PushOf(kMessage, 1200, "1203")), 413,
       "want a body of at most 100000 bytes"},
      Answered("a number that goes back", PushOf(kMessage, 1, "1"), kOk),
      Answered("a number that was applied already", PushOf(R"({"update":"smuggled"})", 1, "3"), kOk),
      Answered("all numbers once more, with other updates", PushOf(R"({"update":"smuggled"})", 3, "3"), kOk),
      Answered("null for the updates, as if they were not there", R"({"weak":null,"strong":null,"seq":3})",
               kOk),
      Answered("nothing strong, and number 0", R"({"seq":0})", kOk),
      Answered("a hole", PushOf(R"({"update":"smuggled"})", 1, "5"), kHole),
      Answered("a hole before the first of several", PushOf(R"({"update":"smuggled"})", 3, "7"), kHole),
      Answered("the greatest number", PushOf(R"({"update":"smuggled"})", 1, "9007199254740991"), kHole),
      Answered("nothing, up to the greatest number", R"({"weak":[],"strong":[],"seq":9007199254740991})",
               kHole),
      Answered("a number as 4.0e0, behind a hole", PushOf(R"({"update":"smuggled"})", 1, "5.0e0"), kHole),
      Answered("a number in quotes", R"({"seq":"3"})", kOk),
      {"an origin that contradicts the certificate",
       Post("/http/v1/updates", {"Federation-Origin: bravo.test"}, R"({"seq":0})"), 403,
       "not valid for bravo.test"},
      {"an origin in the body, which nobody reads",
       Push(R"({"origin":"bravo.test","destination":"charlie.test","seq":0})"), 200, kOk, kOpen},
      {"a destination that is somebody else",
       Post("/http/v1/updates", {"Federation-Destination: alpha.test"}, R"({"seq":0})"), 404,
       "speaks for bravo.test", kOpen},
      {"a destination below the server's",
       Post("/http/v1/updates", {"Federation-Destination: a.bravo.test"}, "{}"), 404, "speaks for bravo.test",
       kOpen},
      {"a destination in upper case, which is the same",
       Post("/http/v1/updates", {"Federation-Destination: BRAVO.TEST"}, R"({"seq":0})"), 200, kOk, kOpen},
      {"a destination that is an address",
       Post("/http/v1/updates", {"Federation-Destination: 127.0.0.1"}, "{}"), 400, "Federation-Destination",
       AbuseRow::After::kClosed},
  };
}

std::vector<AbuseRow> UpdateRows() {
  return {
      Quarantined("an update with a tag that nobody knows", R"({"update":"launch"})"),
      Quarantined("an update without a tag", R"({"peer":{"type":"group","id":1}})"),
      Quarantined("an update with nothing", "{}"),
      Quarantined("a number for a tag", R"({"update":4})"),
      Quarantined("null for a tag", R"({"update":null})"),
      Quarantined("a tag in another case", R"({"update":"Message"})"),
      Quarantined("a tag with a NUL byte", R"({"update":"message\u0000"})"),
      Quarantined("a tag of 90 000 letters",
                  absl::StrCat(R"({"update":")", std::string(90'000, 'x'), R"("})")),
      Quarantined("a string for an object", R"({"update":"message","peer":"group"})"),
      Quarantined("a word for an id", R"({"update":"message","peer":{"type":"group","id":"soon"}})"),
      Quarantined("a number beyond int64",
                  R"({"update":"message","peer":{"type":"group","id":9223372036854775808}})"),
      Quarantined("a number with a fraction in an id",
                  R"({"update":"message","peer":{"type":"group","id":1.5}})"),
      Quarantined("an enum value that nobody knows",
                  R"({"update":"message","peer":{"type":"crowd","id":1}})"),
      Quarantined("an enum value beyond int32", R"({"update":"message","peer":{"type":4294967296,"id":1}})"),
      Quarantined("an object for a string", R"({"update":"message","sender_id":{}})"),
      Quarantined("a tag inside that nobody knows", R"({"update":"message","content":{"type":"hologram"}})"),
      Quarantined("a content without a tag", R"({"update":"message","content":{"text":"Hello"}})"),
      Quarantined("a tag at the end that nobody knows",
                  absl::StrCat(R"({"text":")", std::string(50'000, 'x'), R"(","update":"launch"})")),
      {"a hundred updates that nobody knows",
       Push(PushOf(R"({"update":"launch"})", 100, "100")),
       200,
       R"({"receive":"ok","seq":100})",
       kOpen,
       kNewcomer,
       {},
       100},
      {"one that nobody knows between good ones",
       Push(absl::StrCat(R"({"strong":[)", kMessage, R"(,{"update":"launch"},)", kMessage, R"(],"seq":3})")),
       200,
       R"({"receive":"ok","seq":3})",
       kOpen,
       kNewcomer,
       {},
       1},
      {"a weak update among the strong ones", Push(PushOf(R"({"update":"typing","user_id":"u"})", 1, "1")),
       200, R"({"receive":"ok","seq":1})", kOpen, kNewcomer},
      {"weak updates that nobody knows, which are dropped",
       Push(R"({"weak":[{"update":"launch"},{},{"update":"message","peer":1}],"strong":[],"seq":0})"), 200,
       R"({"receive":"ok","seq":0})", kOpen, kNewcomer},
      {"a number in front of the first one", Push(PushOf("{}", 2, "1")), 400, "seq: want a number from 2",
       kOpen, kNewcomer},
      {"a first number that is not 1", Push(PushOf(R"({"update":"smuggled"})", 1, "2")), 200,
       R"({"receive":"hole_detected","seq":1})", kOpen, kNewcomer},
      {"a first push that takes for granted what never was", Push(R"({"seq":1000000})"), 200,
       R"({"receive":"hole_detected","seq":1})", kOpen, kNewcomer},
  };
}

}  // namespace federation::abuse
