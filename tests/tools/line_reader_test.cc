#include "fedctl/line_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/pipe.h"

namespace federation::fedctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

MATCHER_P2(IsLine, number, text, "") {
  return arg.number == static_cast<std::uint64_t>(number) && arg.text == text;
}

std::vector<Line> Next(LineReader& reader) {
  absl::StatusOr<std::vector<Line>> batch = reader.NextBatch();
  EXPECT_TRUE(batch.ok()) << batch.status();
  return batch.ok() ? *std::move(batch) : std::vector<Line>{};
}

TEST(LineReader, TakesWhatIsThereAndDoesNotWaitForMore) {
  Pipe pipe;
  LineReader reader(pipe.read_fd());
  pipe.Write("one\ntwo\nthr");
  EXPECT_THAT(Next(reader), ElementsAre(IsLine(1, "one"), IsLine(2, "two")));
  pipe.Write("ee\n");
  EXPECT_THAT(Next(reader), ElementsAre(IsLine(3, "three")));
}

TEST(LineReader, TakesTheLastLineWithoutLineFeed) {
  Pipe pipe;
  LineReader reader(pipe.read_fd());
  pipe.Write("one\ntwo");
  pipe.CloseWrite();
  EXPECT_THAT(Next(reader), ElementsAre(IsLine(1, "one"), IsLine(2, "two")));
  EXPECT_THAT(Next(reader), IsEmpty());
  EXPECT_THAT(Next(reader), IsEmpty());
}

TEST(LineReader, SkipsBlankLinesAndCountsThem) {
  Pipe pipe;
  LineReader reader(pipe.read_fd());
  pipe.Write("\none\n \t\r\n\nfour\n\n");
  pipe.CloseWrite();
  EXPECT_THAT(Next(reader), ElementsAre(IsLine(2, "one"), IsLine(5, "four")));
  EXPECT_THAT(Next(reader), IsEmpty());
}

TEST(LineReader, EndsABatchAtTheLimitOfLines) {
  Pipe pipe;
  LineLimits limits;
  limits.batch_lines_max = 2;
  LineReader reader(pipe.read_fd(), limits);
  pipe.Write("1\n2\n3\n4\n5\n");
  pipe.CloseWrite();
  EXPECT_THAT(Next(reader), ElementsAre(IsLine(1, "1"), IsLine(2, "2")));
  EXPECT_THAT(Next(reader), ElementsAre(IsLine(3, "3"), IsLine(4, "4")));
  EXPECT_THAT(Next(reader), ElementsAre(IsLine(5, "5")));
  EXPECT_THAT(Next(reader), IsEmpty());
}

TEST(LineReader, EndsABatchBeforeTheLimitOfBytes) {
  Pipe pipe;
  LineLimits limits;
  limits.line_bytes_max = 10;
  limits.batch_bytes_max = 25;
  LineReader reader(pipe.read_fd(), limits);
  for (int i = 0; i < 6; ++i) pipe.Write("0123456789\n");
  pipe.CloseWrite();
  EXPECT_THAT(Next(reader), SizeIs(2));
  EXPECT_THAT(Next(reader), SizeIs(2));
  EXPECT_THAT(Next(reader), SizeIs(2));
  EXPECT_THAT(Next(reader), IsEmpty());
}

TEST(LineReader, NamesALineThatIsTooLongAfterTheLinesBeforeIt) {
  for (const char* input : {"one\n\n0123456789x\nfour\n", "one\n\n0123456789x"}) {
    Pipe pipe;
    LineLimits limits;
    limits.line_bytes_max = 10;
    LineReader reader(pipe.read_fd(), limits);
    pipe.Write(input);
    EXPECT_THAT(Next(reader), ElementsAre(IsLine(1, "one")));
    absl::Status status = reader.NextBatch().status();
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr("line 3: want at most 10 bytes"));
  }
}

TEST(LineReader, ReportsAnInputThatCannotBeRead) {
  LineReader reader(-1);
  EXPECT_TRUE(absl::IsUnavailable(reader.NextBatch().status()));
}

}  // namespace
}  // namespace federation::fedctl
