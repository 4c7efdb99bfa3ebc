#include <absl/strings/str_cat.h>

#include "abuse/table.h"

namespace federation::abuse {
namespace {

constexpr auto kOpen = AbuseRow::After::kOpen;
constexpr char kTarget[] = "/http/v1/rpc";
constexpr char kSearch[] = R"({"rpc":"search_users","query":"steve"})";
constexpr char kUnimplemented[] = R"("result":"error","code":"UNIMPLEMENTED")";
constexpr char kInvalid[] = R"("result":"error","code":"INVALID_ARGUMENT")";

AbuseRow Request(const char* name, std::string_view body, int status, const char* answer) {
  return {name, Post(kTarget, {}, body), status, answer, kOpen};
}

// A header of a request that is good otherwise.
AbuseRow Timeout(const char* name, const std::string& timeout, int status, const char* answer) {
  const auto after = status == 200 ? kOpen : AbuseRow::After::kClosed;
  return {name, Post(kTarget, {"Federation-Timeout:" + timeout}, kSearch), status, answer, after};
}

std::string WithType(const std::string& type) {
  return absl::StrCat("POST ", kTarget, " HTTP/1.1\r\nHost: bravo.test\r\nContent-Type: ", type,
                      "\r\nContent-Length: ", sizeof(kSearch) - 1, "\r\n\r\n", kSearch);
}

}  // namespace

std::vector<AbuseRow> RpcRows() {
  return {
      Request("a request without a method", "{}", 400, "want the key \\\"rpc\\\", got none"),
      Request("a request with fields alone", R"({"query":"steve"})", 400,
              "want the key \\\"rpc\\\", got none"),
      Request("an empty request", "", 400, "want an object"),
      Request("an array of requests", absl::StrCat("[", kSearch, "]"), 400, "want an object, got an array"),
      Request("a number for a method", R"({"rpc":1})", 400, "rpc: want a string, got 1"),
      Request("null for a method", R"({"rpc":null})", 400, "want the key \\\"rpc\\\", got none"),
      Request("an object for a method", R"({"rpc":{"search_users":{}}})", 400, "rpc: want a string"),
      Request("a method twice", R"({"rpc":"search_users","rpc":"fetch_state"})", 400, "rpc: duplicate key"),
      Request("a field twice", R"({"rpc":"search_users","query":"a","query":"b"})", 400, "duplicate key"),
      Request("an unknown field twice", R"({"rpc":"search_users","x":1,"x":2})", 400, "duplicate key"),
      Request("bytes behind a request", absl::StrCat(kSearch, kSearch), 400, "want the end of the document"),
      Request("a request that breaks off", R"({"rpc":"search_users","query":)", 400, "query: want a value"),
      Request("a request in invalid UTF-8", "{\"rpc\":\"search_users\",\"query\":\"\xff\"}", 400,
              "invalid UTF-8"),
      Request("a lone surrogate in a request", R"({"rpc":"search_users","query":"\ud800"})", 400,
              "lone surrogate"),
      Request("a lone surrogate in a method", R"({"rpc":"\udfff"})", 400, "rpc: lone surrogate"),
      Request("a depth bomb in a request",
              absl::StrCat(R"({"rpc":"search_users","x":)", std::string(50'000, '[')), 400,
              "nested deeper than 64"),
      Request("JSON-RPC", R"({"jsonrpc":"2.0","method":"search_users","params":["steve"],"id":1})", 400,
              "want the key \\\"rpc\\\", got none"),
      Request("a method that nobody knows", R"({"rpc":"drop_tables"})", 200, kUnimplemented),
      Request("an empty method", R"({"rpc":""})", 200, kUnimplemented),
      Request("a method in CamelCase", R"({"rpc":"SearchUsers"})", 200, kUnimplemented),
      Request("a method with a path", R"({"rpc":"/federation.v1.Users/SearchUsers"})", 200, kUnimplemented),
      Request("a method with a NUL byte", R"({"rpc":"search_users\u0000"})", 200, kUnimplemented),
      Request("a method of 90 000 letters", absl::StrCat(R"({"rpc":")", std::string(90'000, 'x'), R"("})"),
              200, kUnimplemented),
      Request("a number for a text", R"({"rpc":"search_users","query":5})", 200, kInvalid),
      Request("an array for a text", R"({"rpc":"search_users","query":["a"]})", 200, kInvalid),
      Request("a negative count", R"({"rpc":"search_users","query":"a","users_max":-1})", 200, kInvalid),
      Request("a count beyond uint32", R"({"rpc":"search_users","users_max":4294967296})", 200, kInvalid),
      Request("a count with a fraction", R"({"rpc":"search_users","users_max":0.5})", 200, kInvalid),
      Request("a count of 1e400", R"({"rpc":"search_users","users_max":1e400})", 200, kInvalid),
      Request("a list for a peer", R"({"rpc":"fetch_state","peer":[]})", 200, kInvalid),
      Request("an enum value that no peer has", R"({"rpc":"fetch_state","peer":{"type":"crowd"}})", 200,
              kInvalid),
      Request("an id of 20 digits", R"({"rpc":"fetch_state","peer":{"id":99999999999999999999}})", 200,
              kInvalid),
      Request("a method behind its fields, which may be", R"({"query":"steve","rpc":"search_users"})", 200,
              R"("result":"ok")"),
      Request("unknown fields, which are passed over",
              R"({"rpc":"search_users","x":{"y":[null]},"query":""})", 200, R"("result":"ok")"),
      Request("an origin in a request, which nobody reads",
              R"({"rpc":"search_users","query":"","origin":"b.test"})", 200, R"("result":"ok")"),
      Timeout("a negative timeout", " -1", 400, "Federation-Timeout"),
      Timeout("a timeout in words", " soon", 400, "Federation-Timeout"),
      Timeout("a timeout with a fraction", " 0.5", 400, "Federation-Timeout"),
      Timeout("a timeout with a plus", " +5", 400, "Federation-Timeout"),
      Timeout("a timeout in hexadecimal", " 0x10", 400, "Federation-Timeout"),
      Timeout("an empty timeout", "", 400, "Federation-Timeout"),
      Timeout("two timeouts in one", " 5000, 5000", 400, "Federation-Timeout"),
      Timeout("a timeout of 19 digits for a request", " 1000000000000000000", 400, "Federation-Timeout"),
      Timeout("a timeout of 4000 digits", " " + std::string(3000, '9'), 400, "Federation-Timeout"),
      Timeout("a timeout of 18 digits, taken as an hour", " 999999999999999999", 200, R"("result":"ok")"),
      Timeout("no time at all", " 0", 200, R"("result":"error","code":"DEADLINE_EXCEEDED")"),
      {"a request that is too large", Post(kTarget, {}, std::string(kAbuseBodyBytesMax + 1, ' ')), 413,
       "got one of 100001"},
      {"a request as text", WithType("text/plain"), 415, "application/json", kOpen},
      {"a request as XML", WithType("application/xml"), 415, "application/json", kOpen},
      {"a request as a form", WithType("application/x-www-form-urlencoded"), 415, "application/json", kOpen},
      {"a request as JSON of another kind", WithType("application/vnd.x+json"), 415, "application/json",
       kOpen},
      {"a request of no type, said with a semicolon", WithType(";"), 200, R"("result":"ok")", kOpen},
      {"a request by GET",
       absl::StrCat("GET ", kTarget, "?rpc=search_users HTTP/1.1\r\nHost: bravo.test\r\n\r\n"), 404,
       "nothing at this path", kOpen},
      {"a request without a certificate", Post(kTarget, {}, kSearch), 401, "want a client certificate",
       AbuseRow::After::kClosed, AbuseRow::Peer::kNobody},
      {"a request of somebody else", Post(kTarget, {"Federation-Origin: charlie.test"}, kSearch), 403,
       "not valid for charlie.test"},
      {"a request for somebody else", Post(kTarget, {"Federation-Destination: charlie.test"}, kSearch), 404,
       "speaks for bravo.test", kOpen},
      {"a push to the place of requests", Post(kTarget, {}, R"({"weak":[],"strong":[],"seq":0})"), 400,
       "want the key \\\"rpc\\\", got none", kOpen},
      {"a request to the place of pushes", Post("/http/v1/updates", {}, kSearch), 400,
       "want the key \\\"seq\\\", got none", kOpen},
  };
}

}  // namespace federation::abuse
