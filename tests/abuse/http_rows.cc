#include <absl/strings/str_cat.h>

#include "abuse/table.h"

namespace federation::abuse {
namespace {

constexpr char kUpdates[] = "/http/v1/updates";
constexpr char kPush[] = R"({"weak":[],"strong":[],"seq":0})";

constexpr auto kOpen = AbuseRow::After::kOpen;
constexpr auto kClosed = AbuseRow::After::kClosed;

// A head of our own, without any line that is not written here.
std::string Head(std::string_view first_line, const std::vector<std::string>& lines) {
  std::string head = absl::StrCat(std::string(first_line), "\r\n");
  for (const std::string& line : lines) absl::StrAppend(&head, line, "\r\n");
  return head + "\r\n";
}

std::string PostHead(const std::vector<std::string>& lines) {
  return Head("POST /http/v1/updates HTTP/1.1", lines);
}

std::string LengthOfPush() { return absl::StrCat("Content-Length: ", sizeof(kPush) - 1); }

AbuseRow LengthRow(const char* name, const std::vector<std::string>& lengths, const char* detail) {
  std::vector<std::string> lines = {"Host: bravo.test"};
  lines.insert(lines.end(), lengths.begin(), lengths.end());
  return {name, PostHead(lines) + kPush, 400, detail};
}

AbuseRow EncodingRow(const char* name, const std::vector<std::string>& lines) {
  std::vector<std::string> all = {"Host: bravo.test"};
  all.insert(all.end(), lines.begin(), lines.end());
  return {name, PostHead(all) + "0\r\n\r\n", 411, "Transfer-Encoding is not supported"};
}

// One more line in a head that is good otherwise.
AbuseRow LineRow(const char* name, const std::string& line, int status, const char* detail) {
  return {name, PostHead({"Host: bravo.test", line, LengthOfPush()}) + kPush, status, detail};
}

AbuseRow FirstLineRow(const char* name, std::string_view line, const char* detail) {
  return {name, Head(line, {"Host: bravo.test", LengthOfPush()}) + kPush, 400, detail};
}

}  // namespace

std::string Post(std::string_view target, const std::vector<std::string>& lines, std::string_view body) {
  std::vector<std::string> all = {"Host: bravo.test", "Content-Type: application/json"};
  all.insert(all.end(), lines.begin(), lines.end());
  all.push_back(absl::StrCat("Content-Length: ", body.size()));
  return Head(absl::StrCat("POST ", std::string(target), " HTTP/1.1"), all) + std::string(body);
}

std::string GoodPush() { return Post(kUpdates, {}, kPush); }

std::string SmuggledPush() {
  return Post(kUpdates, {}, R"({"weak":[],"strong":[{"update":"smuggled"}],"seq":1})");
}

std::vector<AbuseRow> FramingRows() {
  return {
      {"no length", PostHead({"Host: bravo.test"}) + kPush, 411, "want Content-Length"},
      LengthRow("two lengths", {"Content-Length: 1", "Content-Length: 31"}, "Content-Length"),
      LengthRow("the same length twice", {LengthOfPush(), LengthOfPush()}, "Content-Length"),
      LengthRow("the same length in two spellings", {LengthOfPush(), "content-length: 0031"},
                "Content-Length"),
      LengthRow("a list of lengths", {"Content-Length: 31, 31"}, "Content-Length"),
      LengthRow("a length with a plus", {"Content-Length: +31"}, "Content-Length"),
      LengthRow("a negative length", {"Content-Length: -31"}, "Content-Length"),
      LengthRow("a hexadecimal length", {"Content-Length: 0x1f"}, "Content-Length"),
      LengthRow("a length with a fraction", {"Content-Length: 31.0"}, "Content-Length"),
      LengthRow("a length with a space inside", {"Content-Length: 3 1"}, "Content-Length"),
      LengthRow("a length in full-width digits", {"Content-Length: \xEF\xBC\x93\xEF\xBC\x91"},
                "Content-Length"),
      LengthRow("an empty length", {"Content-Length:"}, "Content-Length"),
      LengthRow("a length of 2^64 + 31", {"Content-Length: 18446744073709551647"}, "Content-Length"),
      {"a length of 18 digits", PostHead({"Host: bravo.test", "Content-Length: 999999999999999999"}), 413,
       "want a body of at most 100000 bytes"},
      {"a body that is one byte too long", Post(kUpdates, {}, std::string(kAbuseBodyBytesMax + 1, ' ')), 413,
       "got one of 100001"},
      {"a body of the greatest length that is not JSON",
       Post(kUpdates, {}, std::string(kAbuseBodyBytesMax, ' ')), 400, "\"offset\":", kOpen},
      {"a length with leading zeros, which is a number",
       PostHead({"Host: bravo.test", "Content-Length: 00000031"}) + kPush, 200, "\"receive\":\"ok\"", kOpen},
      {"a length with tabs around, which is a number",
       PostHead({"Host: bravo.test", "Content-Length:\t31\t"}) + kPush, 200, "\"receive\":\"ok\"", kOpen},
      EncodingRow("chunked", {"Transfer-Encoding: chunked"}),
      EncodingRow("chunked, and a length", {"Transfer-Encoding: chunked", "Content-Length: 5"}),
      EncodingRow("a length, and chunked", {"Content-Length: 5", "Transfer-Encoding: chunked"}),
      EncodingRow("chunked behind gzip", {"Transfer-Encoding: gzip, chunked"}),
      EncodingRow("chunked not as the last one",
                  {"Transfer-Encoding: chunked, identity", "Content-Length: 5"}),
      EncodingRow("chunked twice", {"Transfer-Encoding: chunked", "Transfer-Encoding: chunked"}),
      EncodingRow("chunked in quotes", {"Transfer-Encoding: \"chunked\"", "Content-Length: 5"}),
      EncodingRow("chunked with a parameter", {"Transfer-Encoding: chunked;q=1", "Content-Length: 5"}),
      EncodingRow("chunked with a vertical bar", {"Transfer-Encoding: |chunked", "Content-Length: 5"}),
      EncodingRow("identity", {"Transfer-Encoding: identity", "Content-Length: 5"}),
      EncodingRow("an empty encoding", {"Transfer-Encoding:", "Content-Length: 5"}),
      EncodingRow("an encoding with trailers",
                  {"TE: trailers", "Trailer: Host", "Transfer-Encoding: chunked"}),
      {"chunked in HTTP/1.0",
       Head("POST /http/v1/updates HTTP/1.0",
            {"Host: bravo.test", "Transfer-Encoding: chunked", "Connection: keep-alive"}) +
           "0\r\n\r\n",
       411, "Transfer-Encoding"},
      {"chunked with GET",
       Head("GET /http/v1/updates HTTP/1.1", {"Host: bravo.test", "Transfer-Encoding: chunked"}) +
           "0\r\n\r\n",
       411, "Transfer-Encoding"},
      {"a body that does not come", PostHead({"Host: bravo.test", "Content-Length: 100000"}) + "{", 408,
       "the body did not arrive in time", kClosed},
  };
}

std::vector<AbuseRow> SyntaxRows() {
  std::string many = "POST /http/v1/updates HTTP/1.1\r\nHost: bravo.test\r\n";
  for (int i = 0; i < 100; ++i) many += "a:\r\n";
  return {
      {"bare line feeds", "POST /http/v1/updates HTTP/1.1\nHost: bravo.test\nContent-Length: 0\n\n", 400,
       "CR LF"},
      {"a bare line feed between two fields",
       "POST /http/v1/updates HTTP/1.1\r\nHost: bravo.test\nX: y\r\nContent-Length: 0\r\n\r\n", 400, "CR LF"},
      {"a bare line feed at the head's end",
       "POST /http/v1/updates HTTP/1.1\r\nHost: bravo.test\r\nContent-Length: 0\r\n\n", 400, "CR LF"},
      LineRow("a bare carriage return in a value", "X: a\rContent-Length: 0", 400, "control byte"),
      LineRow("a bare carriage return in a name", "X\rY: a", 400, "control byte"),
      LineRow("a folded line", "X: a\r\n b", 400, "folded"),
      LineRow("a line folded with a tab", "X: a\r\n\tContent-Length: 0", 400, "folded"),
      LineRow("a NUL byte in a value", std::string("X: a\0b", 6), 400, "control byte"),
      LineRow("a NUL byte in a name", std::string("X\0: a", 5), 400, "control byte"),
      LineRow("an escape byte", "X: \x1b[2J", 400, "control byte"),
      LineRow("a DEL byte", "X: \x7f", 400, "control byte"),
      LineRow("a space before the colon", "Content-Length : 0", 400, "malformed"),
      LineRow("a tab before the colon", "X\t: a", 400, "malformed"),
      LineRow("a space in a name", "X Y: a", 400, "malformed"),
      LineRow("a line without a colon", "X", 400, "malformed"),
      LineRow("a line without a name", ": a", 400, "malformed"),
      LineRow("a name in UTF-8", "H\xC3\xB6st: a", 400, "malformed"),
      LineRow("a name with brackets", "Content[Length]: 1", 400, "malformed"),
      {"a folded line at the start", "POST /http/v1/updates HTTP/1.1\r\n Host: bravo.test\r\n\r\n", 400,
       "folded"},
      {"an empty line first", "\r\n\r\n", 400, "malformed"},
      {"101 fields", many + "\r\n", 431, "100 fields"},
      {"one field of 16 KiB", PostHead({"Host: bravo.test", "X: " + std::string(16384, 'x')}), 431,
       "at most 4096 bytes"},
      {"a first line without an end", std::string(16384, 'x'), 431, "at most 4096 bytes"},
      {"a head without an end", "POST /http/v1/updates HTTP/1.1\r\nHost: bravo.test\r\n", 408,
       "the header did not arrive in time"},
      {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "malformed"},
      {"TLS inside of TLS", std::string("\x16\x03\x01\x00\x05hello\r\n\r\n", 14), 400, "malformed"},
      {"HTTP/0.9", "GET /\r\n\r\n", 400, "malformed"},
      FirstLineRow("HTTP/1.2", "POST /http/v1/updates HTTP/1.2", "malformed"),
      FirstLineRow("HTTP/2.0", "POST /http/v1/updates HTTP/2.0", "malformed"),
      FirstLineRow("a version of four digits", "POST /http/v1/updates HTTP/1.10", "malformed"),
      FirstLineRow("a version in lower case", "POST /http/v1/updates http/1.1", "malformed"),
      FirstLineRow("no version", "POST /http/v1/updates", "malformed"),
      FirstLineRow("two spaces before the target", "POST  /http/v1/updates HTTP/1.1", "malformed"),
      FirstLineRow("two spaces behind the target", "POST /http/v1/updates  HTTP/1.1", "malformed"),
      FirstLineRow("a space behind the version", "POST /http/v1/updates HTTP/1.1 ", "malformed"),
      FirstLineRow("a tab for a space", "POST\t/http/v1/updates HTTP/1.1", "malformed"),
      FirstLineRow("a space in the target", "POST /http/v1/ updates HTTP/1.1", "malformed"),
      FirstLineRow("UTF-8 in the target", "POST /http/v1/\xC3\xBCpdates HTTP/1.1", "visible ASCII"),
      FirstLineRow("a method in brackets", "<POST> /http/v1/updates HTTP/1.1", "malformed"),
      FirstLineRow("a space before the method", " POST /http/v1/updates HTTP/1.1", "malformed"),
      LineRow("an Expect for something else", "Expect: 200-ok", 417, "want 100-continue"),
      LineRow("two Expects", "Expect: 100-continue\r\nExpect: 100-continue", 417, "want 100-continue"),
      LineRow("two media types", "Content-Type: application/json\r\nContent-Type: text/plain", 400,
              "one Content-Type"),
      LineRow("a timeout with a unit", "Federation-Timeout: 5s", 400, "Federation-Timeout"),
      LineRow("two timeouts", "Federation-Timeout: 5\r\nFederation-Timeout: 5", 400, "Federation-Timeout"),
      LineRow("a timeout of 19 digits", "Federation-Timeout: 9999999999999999999", 400, "Federation-Timeout"),
  };
}

std::vector<AbuseRow> TargetRows() {
  return {
      {"no Host", PostHead({LengthOfPush()}) + kPush, 400, "exactly one Host"},
      {"no Host in HTTP/1.0", Head("POST /http/v1/updates HTTP/1.0", {LengthOfPush()}) + kPush, 400,
       "exactly one Host"},
      LineRow("two Hosts", "Host: bravo.test", 400, "exactly one Host"),
      LineRow("two Hosts that differ", "host: charlie.test", 400, "exactly one Host"),
      {"an empty Host", PostHead({"Host:", LengthOfPush()}) + kPush, 400, "exactly one Host"},
      {"two Hosts in one line", PostHead({"Host: bravo.test, charlie.test", LengthOfPush()}) + kPush, 400,
       "exactly one Host"},
      {"a Host with a user", PostHead({"Host: bravo.test@charlie.test", LengthOfPush()}) + kPush, 400,
       "exactly one Host"},
      {"a Host with a path", PostHead({"Host: bravo.test/x", LengthOfPush()}) + kPush, 400,
       "exactly one Host"},
      {"a Host with two ports", PostHead({"Host: bravo.test:1:2", LengthOfPush()}) + kPush, 400,
       "exactly one Host"},
      {"a Host that is an address, which may be", PostHead({"Host: [::1]:9880", LengthOfPush()}) + kPush, 200,
       "\"receive\":\"ok\"", kOpen},
      FirstLineRow("a URL at another host", "POST https://charlie.test/http/v1/updates HTTP/1.1", "at Host"),
      FirstLineRow("a URL at another port", "POST https://bravo.test:1/http/v1/updates HTTP/1.1", "at Host"),
      FirstLineRow("a URL with a user", "POST https://a@bravo.test/http/v1/updates HTTP/1.1", "at Host"),
      FirstLineRow("a URL of plain HTTP", "POST http://bravo.test/http/v1/updates HTTP/1.1", "at Host"),
      {"a URL at Host, which is the path",
       Head("POST HTTPS://Bravo.test/http/v1/updates HTTP/1.1", {"Host: bravo.test", LengthOfPush()}) + kPush,
       200, "\"receive\":\"ok\"", kOpen},
      FirstLineRow("a target without a slash", "POST http/v1/updates HTTP/1.1", "a target that is a path"),
      FirstLineRow("an asterisk for POST", "POST * HTTP/1.1", "a target that is a path"),
      FirstLineRow("an authority for POST", "POST bravo.test:443 HTTP/1.1", "a target that is a path"),
      {"CONNECT", Head("CONNECT charlie.test:443 HTTP/1.1", {"Host: charlie.test:443"}), 400,
       "a target that is a path"},
      {"OPTIONS of all", Head("OPTIONS * HTTP/1.1", {"Host: bravo.test"}), 404, "nothing at this path",
       kOpen},
      {"a path that is not there", Post("/http/v2/updates", {}, kPush), 404, "nothing at this path", kOpen},
      {"a path with two slashes", Post("//http/v1/updates", {}, kPush), 404, "nothing at this path", kOpen},
      {"a path that climbs", Post("/x/../http/v1/updates", {}, kPush), 404, "nothing at this path", kOpen},
      {"a path in percents", Post("/http/v1/%75pdates", {}, kPush), 404, "nothing at this path", kOpen},
      {"GET", Head("GET /http/v1/updates HTTP/1.1", {"Host: bravo.test"}), 405, "POST only", kOpen},
      {"TRACE", Head("TRACE /http/v1/updates HTTP/1.1", {"Host: bravo.test"}), 405, "POST only", kOpen},
      {"a method nobody knows", Head("BREW /http/v1/updates HTTP/1.1", {"Host: bravo.test"}), 405,
       "POST only", kOpen},
      {"post in lower case, with a body",
       Head("post /http/v1/updates HTTP/1.1", {"Host: bravo.test", LengthOfPush()}) + kPush, 405, "POST only",
       kOpen},
      {"a method of 3000 letters", Head(std::string(3000, 'M') + " / HTTP/1.1", {"Host: bravo.test"}), 404,
       "", kOpen},
      {"an upgrade to HTTP/2, which stays HTTP/1.1",
       Post(kUpdates, {"Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"}, kPush), 200,
       "\"receive\":\"ok\"", kOpen},
      {"a body that is no JSON by its type",
       PostHead({"Host: bravo.test", "Content-Type: text/plain", LengthOfPush()}) + kPush, 415,
       "application/json", kOpen},
  };
}

}  // namespace federation::abuse
