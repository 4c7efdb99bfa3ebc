#include "rpc/request.h"

#include <absl/status/status.h>
#include <gtest/gtest.h>

namespace federation::rpc {
namespace {

struct Row {
  const char* body;
  const char* want;  // the method, or the error
};

TEST(ParseMethod, FindsTheMethodAtAnyPlace) {
  constexpr Row kRows[] = {
      {R"({"rpc":"search_users"})", "search_users"},
      {R"({"rpc":"search_users","query":"steve"})", "search_users"},
      {R"({"query":{"rpc":"x"},"rpc":"search_users"})", "search_users"},
      {R"( { "query" : [ ] , "rpc" : "a\u0062c" } )", "abc"},
      {R"({"rpc":""})", ""},
  };
  for (const Row& row : kRows) {
    std::string method;
    EXPECT_FALSE(ParseMethod(row.body, &method).has_value()) << row.body;
    EXPECT_EQ(method, row.want) << row.body;
  }
}

TEST(ParseMethod, SaysWhereABodyIsNoRequest) {
  constexpr Row kRows[] = {
      {"", "want an object, got the end of the document (byte 0)"},
      {"[]", "want an object, got an array (byte 0)"},
      {"{}", "want the key \"rpc\", got none (byte 0)"},
      {R"({"rpc":null})", "want the key \"rpc\", got none (byte 0)"},
      {R"({"rpc":7})", "rpc: want a string, got 7 (byte 7)"},
      {R"({"rpc":"a","rpc":"b"})", "rpc: duplicate key (byte 11)"},
      {R"({"rpc":"a","n":tru})", "n: want true or false, got tru (byte 15)"},
      {R"({"rpc":"a"} x)", "want the end of the document, got x (byte 12)"},
  };
  for (const Row& row : kRows) {
    std::string method;
    const std::optional<json::DecodeError> error = ParseMethod(row.body, &method);
    ASSERT_TRUE(error.has_value()) << row.body;
    EXPECT_EQ(std::string(error->ToStatus().message()), row.want) << row.body;
  }
}

}  // namespace
}  // namespace federation::rpc
