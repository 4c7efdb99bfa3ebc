#include <deque>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fedctl/send.h"
#include "tools/pipe.h"

namespace federation::fedctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

admin::v1::SendResponse Taken(std::vector<std::uint64_t> seqs) {
  admin::v1::SendResponse response;
  for (std::uint64_t seq : seqs) response.add_seqs(seq);
  return response;
}

admin::v1::SendResponse Failed(std::vector<std::uint64_t> seqs, std::uint32_t index, bool invalid,
                               const std::string& message) {
  admin::v1::SendResponse response = Taken(std::move(seqs));
  response.mutable_failure()->set_index(index);
  response.mutable_failure()->set_invalid(invalid);
  response.mutable_failure()->set_message(message);
  return response;
}

// A node that answers as it is told, and remembers what it was sent.
class FakeNode {
 public:
  void Answer(absl::StatusOr<admin::v1::SendResponse> response) { answers_.push_back(std::move(response)); }

  SendCall call() {
    return [this](std::vector<std::string> updates) {
      calls.push_back(std::move(updates));
      absl::StatusOr<admin::v1::SendResponse> answer = std::move(answers_.front());
      answers_.pop_front();
      return answer;
    };
  }

  std::vector<std::vector<std::string>> calls;

 private:
  std::deque<absl::StatusOr<admin::v1::SendResponse>> answers_;
};

absl::Status SendText(Sender& sender, const std::string& text) {
  Pipe pipe;
  pipe.Write(text);
  pipe.CloseWrite();
  LineReader lines(pipe.read_fd());
  return sender.SendLines(lines);
}

TEST(Sender, CountsWhatWasAccepted) {
  FakeNode node;
  node.Answer(Taken({7, 0, 8}));
  Sender sender(node.call());
  EXPECT_TRUE(SendText(sender, "a\nb\nc\n").ok());
  EXPECT_THAT(node.calls, ElementsAre(ElementsAre("a", "b", "c")));
  EXPECT_EQ(sender.accepted().ToString(), "accepted 3 updates: 2 strong, 1 weak, last seq 8");
}

TEST(Sender, SendsWhatStandsBeforeAWrongUpdateAndNamesItsLine) {
  FakeNode node;
  node.Answer(Failed({}, 2, true, "peer.id: want an integer"));
  node.Answer(Taken({1, 2}));
  Sender sender(node.call());
  absl::Status status = SendText(sender, "a\n\nb\nwrong\nd\n");
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_EQ(std::string(status.message()), "line 4: peer.id: want an integer");
  EXPECT_THAT(node.calls, ElementsAre(ElementsAre("a", "b", "wrong", "d"), ElementsAre("a", "b")));
  EXPECT_EQ(sender.accepted().ToString(), "accepted 2 updates: 2 strong, 0 weak, last seq 2");
}

TEST(Sender, SendsNothingWhenTheFirstUpdateIsWrong) {
  FakeNode node;
  node.Answer(Failed({}, 0, true, "no"));
  Sender sender(node.call());
  EXPECT_EQ(std::string(SendText(sender, "wrong\nb\n").message()), "line 1: no");
  EXPECT_EQ(node.calls.size(), 1u);
  EXPECT_EQ(sender.accepted().ToString(), "accepted 0 updates: 0 strong, 0 weak");
}

TEST(Sender, CountsWhatWasAcceptedBeforeTheNodeRefused) {
  FakeNode node;
  node.Answer(Failed({1, 0}, 2, false, "too many updates wait"));
  Sender sender(node.call());
  absl::Status status = SendText(sender, "a\nb\nc\n");
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_EQ(std::string(status.message()), "line 3: too many updates wait");
  EXPECT_EQ(node.calls.size(), 1u);
  EXPECT_EQ(sender.accepted().ToString(), "accepted 2 updates: 1 strong, 1 weak, last seq 1");
}

TEST(Sender, SaysWhichUpdatesAreInDoubtWhenTheCallBreaks) {
  FakeNode node;
  node.Answer(absl::UnavailableError("Socket closed"));
  Sender sender(node.call());
  absl::Status status = SendText(sender, "a\nb\nc\n");
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("line 1 to line 3: not confirmed"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("Socket closed"));
  EXPECT_EQ(sender.accepted().ToString(), "accepted 0 updates: 0 strong, 0 weak");
}

}  // namespace
}  // namespace federation::fedctl
