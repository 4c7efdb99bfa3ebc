#include "discovery/srv_answer.h"

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation::discovery {
namespace {

using directory::DiscoverySources;
using std::chrono::seconds;

std::string Number16(unsigned value) {
  return {static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)};
}

std::string Name(std::string_view dotted) {
  std::string name;
  while (!dotted.empty()) {
    const std::size_t dot = std::min(dotted.find('.'), dotted.size());
    name += static_cast<char>(dot);
    name += dotted.substr(0, dot);
    dotted.remove_prefix(std::min(dot + 1, dotted.size()));
  }
  return name + std::string(1, '\0');
}

constexpr unsigned kSrv = 33;
constexpr unsigned kCname = 5;

std::string Record(std::string_view owner, unsigned type, unsigned ttl, const std::string& data) {
  return Name(owner) + Number16(type) + Number16(1) + Number16(ttl >> 16) + Number16(ttl & 0xffff) +
         Number16(static_cast<unsigned>(data.size())) + data;
}

std::string SrvData(unsigned priority, unsigned weight, unsigned port, std::string_view target) {
  return Number16(priority) + Number16(weight) + Number16(port) + Name(target);
}

// The answer to a question for s.test.
std::string Message(const std::vector<std::string>& answers) {
  std::string message = Number16(1) + Number16(0x8180) + Number16(1) +
                        Number16(static_cast<unsigned>(answers.size())) + Number16(0) + Number16(0);
  message += Name("s.test") + Number16(kSrv) + Number16(1);
  for (const std::string& answer : answers) message += answer;
  return message;
}

absl::StatusOr<DiscoverySources::Srv> Parse(const std::string& message, std::size_t records_max = 10) {
  return ParseSrvAnswer(reinterpret_cast<const unsigned char*>(message.data()),
                        static_cast<int>(message.size()), records_max);
}

TEST(SrvAnswer, TakesTheShortestTimeToLiveAliasesIncluded) {
  const auto srv = Parse(Message({Record("s.test", kCname, 7, Name("t.test")),
                                  Record("t.test", kSrv, 60, SrvData(1, 2, 3, "node.test")),
                                  Record("t.test", kSrv, 50, SrvData(4, 5, 6, "NODE2.test"))}));
  ASSERT_TRUE(srv.ok()) << srv.status();
  EXPECT_EQ(srv->ttl, seconds(7));
  EXPECT_THAT(srv->records, testing::UnorderedElementsAre(directory::SrvRecord{1, 2, {"node.test", 3}},
                                                          directory::SrvRecord{4, 5, {"node2.test", 6}}));
}

TEST(SrvAnswer, TakesATimeToLiveWithTheHighestBitAsZero) {
  EXPECT_EQ(Parse(Message({Record("s.test", kSrv, 0x8000'0001, SrvData(1, 2, 3, "node.test"))}))->ttl,
            seconds(0));
}

TEST(SrvAnswer, LeavesOutTargetsThatAreNoHosts) {
  const auto srv = Parse(Message({Record("s.test", kSrv, 1, SrvData(1, 1, 3, "under_score.test")),
                                  Record("s.test", kSrv, 1, SrvData(1, 1, 3, "127.0.0.1")),
                                  Record("s.test", kSrv, 1, SrvData(1, 1, 3, "0x7f000001")),
                                  Record("s.test", kSrv, 1, SrvData(1, 1, 0, "port0.test")),
                                  Record("s.test", kSrv, 1, SrvData(1, 1, 3, "")),
                                  Record("s.test", kSrv, 1, SrvData(1, 1, 3, "good.test"))}));
  ASSERT_TRUE(srv.ok()) << srv.status();
  EXPECT_THAT(srv->records, testing::ElementsAre(directory::SrvRecord{1, 1, {"good.test", 3}}));
  EXPECT_EQ(Parse(Message({Record("s.test", kSrv, 1, SrvData(1, 1, 3, "127.0.0.1"))})).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(SrvAnswer, KnowsTheOneRecordThatSaysThereIsNoService) {
  const auto srv = Parse(Message({Record("s.test", kSrv, 9, SrvData(0, 0, 0, ""))}));
  ASSERT_TRUE(srv.ok()) << srv.status();
  EXPECT_TRUE(srv->records.empty());
}

TEST(SrvAnswer, TakesSoManyRecords) {
  const std::vector<std::string> many(20, Record("s.test", kSrv, 1, SrvData(1, 1, 3, "good.test")));
  EXPECT_EQ(Parse(Message(many), 10)->records.size(), 10U);
}

TEST(SrvAnswer, RefusesWhatIsNone) {
  EXPECT_EQ(Parse(Message({})).status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(Parse("").ok());
  const std::string whole = Message({Record("s.test", kSrv, 1, SrvData(1, 1, 3, "good.test"))});
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(Parse(whole.substr(0, size)).ok()) << size;
}

// Whatever bytes come, nothing is read beyond them: run under sanitizers this is a small fuzzer.
TEST(SrvAnswer, StandsRandomBytes) {
  std::mt19937 random(7);
  const std::string whole = Message({Record("s.test", kCname, 7, Name("t.test")),
                                     Record("t.test", kSrv, 60, SrvData(1, 2, 3, "node.test"))});
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = whole;
    for (int changes = 0; changes < 3; ++changes)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    const auto srv = Parse(bytes);
    EXPECT_TRUE(!srv.ok() || srv->records.size() <= 10);
  }
}

}  // namespace
}  // namespace federation::discovery
