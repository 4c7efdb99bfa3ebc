#include "e2e/federation_fixture.h"

namespace federation::e2e {

std::unique_ptr<TestNode> FederationFixture::MakeNode(const std::string& domain) {
  return std::make_unique<TestNode>(domain, folder_.File(""), ca_.Issue(domain));
}

void FederationFixture::MakePair() {
  alpha_ = MakeNode("alpha.test");
  bravo_ = MakeNode("bravo.test");
  alpha_->AddPeer("bravo.test", bravo_->port());
  bravo_->AddPeer("alpha.test", alpha_->port());
}

std::string NumberedUpdate(std::uint64_t number) {
  return R"({"update":"message","peer":{"type":"group","id":11223344},"content":{"type":"text","text":"number )" +
         std::to_string(number) + "\"}}";
}

std::string NumberedLines(std::uint64_t count) {
  std::string lines;
  for (std::uint64_t number = 1; number <= count; ++number) lines += NumberedUpdate(number) + "\n";
  return lines;
}

::testing::AssertionResult IsWholeSeries(const std::vector<AppliedRow>& rows, std::uint64_t count) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].seq != i + 1 || rows[i].json != NumberedUpdate(i + 1)) {
      return ::testing::AssertionFailure()
             << "row " << i + 1 << " has number " << rows[i].seq << " and says " << rows[i].json;
    }
  }
  if (rows.size() == count) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << rows.size() << " rows, want " << count;
}

::testing::AssertionResult AcceptedAll(const Finished& fedctl, std::uint64_t count) {
  std::string text = std::to_string(count);
  std::string want = "accepted " + text + " updates: " + text + " strong, 0 weak, last seq " + text + "\n";
  if (fedctl.ending.code == 0 && fedctl.out == want) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << "exit code " << fedctl.ending.code << ": " << fedctl.out << fedctl.err;
}

}  // namespace federation::e2e
