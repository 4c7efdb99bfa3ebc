#include "fednode/printed_line.h"

#include <gtest/gtest.h>

namespace federation::fednode {
namespace {

TEST(PrintedLine, HasOriginNumberAndTheUpdateAsItCame) {
  EXPECT_EQ(PrintedLine({"alpha.test", Seq{17}, R"({"update":"message","x": 1.50})"}),
            "{\"origin\":\"alpha.test\",\"seq\":17,\"update\":{\"update\":\"message\",\"x\": 1.50}}\n");
}

TEST(PrintedLine, SaysForWhomItIsWhereSeveralPrint) {
  EXPECT_EQ(PrintedLine({"alpha.test", Seq{17}, "{}"}, "bravo.test"),
            "{\"destination\":\"bravo.test\",\"origin\":\"alpha.test\",\"seq\":17,\"update\":{}}\n");
}

TEST(PrintedLine, HasNoNumberForWeakUpdates) {
  EXPECT_EQ(PrintedLine({"alpha.test", std::nullopt, R"({"update":"typing"})"}),
            "{\"origin\":\"alpha.test\",\"update\":{\"update\":\"typing\"}}\n");
}

TEST(PrintedLine, IsOneLineHoweverTheUpdateIsLaidOut) {
  EXPECT_EQ(PrintedLine({"alpha.test", Seq{1}, "{\r\n\"update\":\n\"expired\"}"}),
            "{\"origin\":\"alpha.test\",\"seq\":1,\"update\":{  \"update\": \"expired\"}}\n");
}

}  // namespace
}  // namespace federation::fednode
