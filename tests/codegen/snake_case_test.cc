#include "codegen/text/snake_case.h"

#include <gtest/gtest.h>

namespace federation::codegen::text {
namespace {

TEST(SnakeCase, PutsWordsApart) {
  EXPECT_EQ(SnakeCase("SearchUsers"), "search_users");
  EXPECT_EQ(SnakeCase("searchUsers"), "search_users");
  EXPECT_EQ(SnakeCase("HTTPCode"), "http_code");
  EXPECT_EQ(SnakeCase("GetURL"), "get_url");
  EXPECT_EQ(SnakeCase("search_users"), "search_users");
  EXPECT_EQ(SnakeCase("Search_Users"), "search_users");
  EXPECT_EQ(SnakeCase("V2Users"), "v2_users");
  EXPECT_EQ(SnakeCase("A"), "a");
}

}  // namespace
}  // namespace federation::codegen::text
