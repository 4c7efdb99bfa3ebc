#include "fednode/line_writer.h"

#include <climits>
#include <signal.h>

#include <gtest/gtest.h>

#include "tools/pipe.h"

namespace federation::fednode {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kMebibyte = 1024 * 1024;

class LineWriterTest : public ::testing::Test {
 protected:
  LineWriterTest() { ::signal(SIGPIPE, SIG_IGN); }
  Pipe pipe_;
};

std::string NumberedLine(int number, std::size_t bytes) {
  std::string line = std::to_string(number);
  line.resize(bytes - 1, 'x');
  return line + "\n";
}

TEST_F(LineWriterTest, WritesAllLinesInOrderBeforeItCloses) {
  std::string all;
  {
    LineWriter writer(pipe_.write_fd(), kMebibyte);
    for (int i = 0; i < 400; ++i) {
      all += NumberedLine(i, 100);
      writer.Write(NumberedLine(i, 100));
    }
    writer.Close(seconds{10});
    EXPECT_EQ(writer.dropped_lines(), 0u);
  }
  pipe_.CloseWrite();
  EXPECT_EQ(pipe_.ReadToEnd(), all);
}

TEST_F(LineWriterTest, WritesALineThatIsLongerThanThePipe) {
  std::string line = NumberedLine(1, 300'000);
  LineWriter writer(pipe_.write_fd(), kMebibyte);
  writer.Write(line);
  std::string got;
  while (got.size() < line.size()) got += pipe_.Read();
  EXPECT_EQ(got, line);
}

TEST_F(LineWriterTest, DropsAndCountsLinesThatDoNotFitWhenNobodyReads) {
  LineWriter writer(pipe_.write_fd(), 10'000);
  // More than a pipe and the queue hold.
  constexpr std::uint64_t kLines = 2000;
  for (std::uint64_t i = 0; i < kLines; ++i) writer.Write(NumberedLine(static_cast<int>(i), 1000));
  EXPECT_GT(writer.dropped_lines(), 0u) << "the queue is bounded";
  writer.Close(milliseconds{0});
  pipe_.CloseWrite();
  std::string got = pipe_.ReadToEnd();
  EXPECT_EQ(got.size() % 1000, 0u) << "lines are whole";
  EXPECT_EQ(got.size() / 1000 + writer.dropped_lines(), kLines);
}

TEST_F(LineWriterTest, GoesOnWithoutAReader) {
  pipe_.CloseRead();
  LineWriter writer(pipe_.write_fd(), kMebibyte);
  for (int i = 0; i < 100; ++i) writer.Write(NumberedLine(i, 100));
  writer.Close(seconds{10});
  EXPECT_EQ(writer.dropped_lines(), 100u);
}

TEST_F(LineWriterTest, GoesOnWithAClosedDescriptor) {
  constexpr int kNoDescriptor = 1'000'000;
  LineWriter writer(kNoDescriptor, kMebibyte);
  writer.Write("line\n");
  writer.Close(seconds{10});
  EXPECT_EQ(writer.dropped_lines(), 1u);
}

}  // namespace
}  // namespace federation::fednode
