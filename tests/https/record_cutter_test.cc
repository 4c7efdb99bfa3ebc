#include "https/record_cutter.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation::https {
namespace {

constexpr std::size_t kRecord = RecordCutter::kRecordBytesMax;

// The sizes of the pieces, each of which is taken in two steps.
std::vector<std::size_t> Cut(const std::vector<std::string>& parts, std::string* all) {
  const std::vector<std::string_view> views(parts.begin(), parts.end());
  RecordCutter cutter(views);
  std::vector<std::size_t> sizes;
  for (std::string_view piece = cutter.Next(); !piece.empty(); piece = cutter.Next()) {
    sizes.push_back(piece.size());
    const std::size_t half = piece.size() / 2;
    *all += piece.substr(0, half);
    cutter.Take(half);
    EXPECT_EQ(cutter.Next(), piece.substr(half));
    *all += cutter.Next();
    cutter.Take(piece.size() - half);
  }
  return sizes;
}

TEST(RecordCutterTest, GathersSmallPartsAndCutsLongOnesAtRecords) {
  struct Case {
    const char* description;
    std::vector<std::size_t> parts;
    std::vector<std::size_t> pieces;
  };
  const Case cases[] = {
      {"nothing", {}, {}},
      {"empty parts", {0, 0}, {}},
      {"one small part", {5}, {5}},
      {"small parts", {5, 0, 6, 7}, {18}},
      {"one long part", {3 * kRecord + 1}, {3 * kRecord + 1}},
      {"a head and a long body", {100, 3 * kRecord}, {kRecord, 2 * kRecord + 100}},
      {"two of them", {100, 2 * kRecord, 100, 10}, {kRecord, kRecord, 210}},
      {"parts over a record", {kRecord - 1, 3, kRecord - 1}, {kRecord, kRecord, 1}},
      {"a long part before a small one", {2 * kRecord + 5, 5}, {2 * kRecord, 10}},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.description);
    std::vector<std::string> parts;
    std::string whole;
    for (const std::size_t size : test.parts) {
      std::string part;
      for (std::size_t i = 0; i < size; ++i) part += static_cast<char>('a' + (whole.size() + i) % 23);
      whole += part;
      parts.push_back(part);
    }
    std::string all;
    EXPECT_EQ(Cut(parts, &all), test.pieces);
    EXPECT_TRUE(all == whole);
  }
}

}  // namespace
}  // namespace federation::https
