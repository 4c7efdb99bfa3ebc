#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "e2e/test_node.h"
#include "support/temporary_folder.h"
#include "support/test_ca.h"

namespace federation::e2e {

// Nodes of one authority in a folder of the test's own.
class FederationFixture : public ::testing::Test {
 protected:
  // A node that is not started. Valid for the domain DOMAIN.
  std::unique_ptr<TestNode> MakeNode(const std::string& domain);
  // Two nodes that know each other, not started.
  void MakePair();

  TemporaryFolder folder_;
  support::TestCa ca_;
  std::unique_ptr<TestNode> alpha_;
  std::unique_ptr<TestNode> bravo_;
};

// The n-th of a series of strong updates; its text names the number.
std::string NumberedUpdate(std::uint64_t number);
// The first `count` of them, one a line.
std::string NumberedLines(std::uint64_t count);

// A weak update.
inline constexpr char kTyping[] = R"({"update":"typing","user_id":"steve"})";

// Whether the rows are the first `count` of the series under the numbers 1 to `count`: none lost, none twice,
// in order.
::testing::AssertionResult IsWholeSeries(const std::vector<AppliedRow>& rows, std::uint64_t count);

// Whether fedctl said that it handed over `count` strong updates, and ended well.
::testing::AssertionResult AcceptedAll(const Finished& fedctl, std::uint64_t count);

}  // namespace federation::e2e
