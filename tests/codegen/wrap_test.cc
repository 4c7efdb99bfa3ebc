#include "codegen/text/wrap.h"

#include <string>

#include <gtest/gtest.h>

namespace federation::codegen::text {
namespace {

TEST(Call, StaysInOneLineIfThatFits) {
  EXPECT_EQ(Call("int F", {"int a", "int b"}, ";", 2), "int F(int a, int b);");
}

TEST(Call, AlignsArgumentsBehindTheParenthesis) {
  const std::string wide(60, 'x');
  EXPECT_EQ(Call("int F", {wide, wide, "int c"}, ";", 2),
            "int F(" + wide + ",\n" + std::string(8, ' ') + wide + ", int c);");
}

TEST(Call, IndentsArgumentsThatDoNotFitBehindTheParenthesis) {
  const std::string head(60, 'f');
  const std::string wide(60, 'x');
  EXPECT_EQ(Call(head, {wide, wide}, " {", 0), head + "(\n    " + wide + ",\n    " + wide + ") {");
}

TEST(CommentLines, IndentsAllButTheFirstLine) {
  EXPECT_EQ(CommentLines({" a", "", " b"}, 2), "// a\n  //\n  // b\n");
}

}  // namespace
}  // namespace federation::codegen::text
