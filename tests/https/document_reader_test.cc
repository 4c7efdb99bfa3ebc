#include "https/document_reader.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation::https {
namespace {

using ::testing::HasSubstr;

constexpr char kChunked[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

// Reads an answer in pieces of so many bytes, and then the end.
absl::Status Read(DocumentReader& reader, std::string_view answer, std::size_t piece_bytes) {
  for (; !answer.empty() && !reader.is_done(); answer.remove_prefix(std::min(piece_bytes, answer.size()))) {
    absl::Status status = reader.Take(answer.substr(0, piece_bytes));
    if (!status.ok()) return status;
  }
  return reader.is_done() ? absl::OkStatus() : reader.TakeEnd();
}

TEST(DocumentReader, TakesEveryFramingInAllPieces) {
  std::string long_head = "HTTP/1.1 200 OK\r\n";
  while (long_head.size() < 16'000) long_head += "x: y\r\n";
  for (const std::string& answer :
       {std::string("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
        std::string("HTTP/1.0 200 OK\r\n\r\n{}"), absl::StrCat(kChunked, "1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n"),
        absl::StrCat(kChunked, "2\r\n{}\r\n000\r\nTrailer: x\r\n\r\n"),
        long_head + "Content-Length: 2\r\n\r\n{}",
        long_head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"}) {
    for (const std::size_t piece_bytes : {1, 2, 3, 4, 5, 7, 100, 20'000}) {
      DocumentReader reader(2);
      const absl::Status status = Read(reader, answer, piece_bytes);
      ASSERT_TRUE(status.ok()) << status << " " << piece_bytes;
      EXPECT_EQ(reader.Get().body, "{}") << answer << piece_bytes;
    }
  }
}

// Beast aborts where it is given less than five bytes behind the last chunk's line.
TEST(DocumentReader, TakesTheLastChunkInDrops) {
  for (const char* end : {"0\r\n", "0\r\n\r", "00\r\n", "0\r\nx"}) {
    DocumentReader reader(2);
    ASSERT_TRUE(reader.Take(kChunked).ok());
    for (const char byte : std::string_view(end)) ASSERT_TRUE(reader.Take({&byte, 1}).ok());
    EXPECT_FALSE(reader.is_done());
    EXPECT_FALSE(reader.TakeEnd().ok());
  }
  DocumentReader reader(2);
  ASSERT_TRUE(reader.Take(absl::StrCat(kChunked, "0\r\n")).ok());
  ASSERT_TRUE(reader.Take("\r").ok());
  ASSERT_TRUE(reader.Take("\n").ok());
  EXPECT_TRUE(reader.is_done());
}

TEST(DocumentReader, BoundsLinesInAllPieces) {
  const auto endless = [](const std::string& start, std::string_view line) {
    std::string answer = start;
    while (answer.size() < 2 * DocumentReader::kHeadBytesMax) answer += line;
    return answer;
  };
  for (const std::string& answer :
       {endless("HTTP/1.1 200 OK\r\n", "x: y\r\n"), endless("HTTP/1.1 200 OK\r\nX: ", "x"), endless("", "x"),
        endless("HTTP/1.1 200 ", "x"), endless(absl::StrCat(kChunked, "1;"), "x"),
        endless(absl::StrCat(kChunked, "0\r\n"), "x: y\r\n"), endless(absl::StrCat(kChunked, "0;"), "x")}) {
    for (const std::size_t piece_bytes : {1, 600, 16'384, 1'000'000}) {
      DocumentReader reader(100);
      const absl::Status status = Read(reader, answer, piece_bytes);
      EXPECT_THAT(std::string(status.message()), HasSubstr("the answer is refused"))
          << answer.substr(0, 80) << piece_bytes;
    }
  }
}

TEST(DocumentReader, BoundsBodiesInAllPieces) {
  const std::string body(101, 'x');
  for (const std::string& answer :
       {"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n" + body, "HTTP/1.1 200 OK\r\n\r\n" + body,
        absl::StrCat(kChunked, "65\r\n", body, "\r\n0\r\n\r\n"),
        absl::StrCat(kChunked, "64\r\n", body.substr(1), "\r\n1\r\nx\r\n0\r\n\r\n")}) {
    for (const std::size_t piece_bytes : {1, 10, 1000}) {
      DocumentReader reader(100);
      EXPECT_THAT(std::string(Read(reader, answer, piece_bytes).message()),
                  HasSubstr("want at most 100 bytes"));
    }
  }
}

}  // namespace
}  // namespace federation::https
