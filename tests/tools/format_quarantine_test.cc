#include <gtest/gtest.h>

#include "fedctl/format.h"

namespace federation::fedctl {
namespace {

using admin::v1::QuarantinedUpdate;
using admin::v1::Replayed;

constexpr std::int64_t kSinceMs = 1714564800123;
const absl::Time kNow = absl::FromUnixMillis(kSinceMs) + absl::Minutes(90);

QuarantinedUpdate Dance() {
  QuarantinedUpdate update;
  update.set_id(12);
  update.set_origin("alpha.test");
  update.set_seq(1700);
  update.set_since_ms(kSinceMs);
  update.set_reason("update: unknown \"dance\"\x1b[2J");
  update.set_bytes(18);
  return update;
}

TEST(QuarantinesTable, HasARowForEachOrigin) {
  admin::v1::ListQuarantinesResponse quarantines;
  EXPECT_EQ(QuarantinesTable(quarantines), "ORIGIN  UPDATES  BYTES\n");
  EXPECT_EQ(QuarantinesJson(quarantines), "");
  admin::v1::Quarantine* quarantine = quarantines.add_quarantines();
  quarantine->set_origin("alpha.test");
  quarantine->set_updates(2);
  quarantine->set_bytes(36);
  EXPECT_EQ(QuarantinesTable(quarantines),
            "ORIGIN      UPDATES  BYTES\n"
            "alpha.test        2     36\n");
  EXPECT_EQ(QuarantinesJson(quarantines), "{\"origin\":\"alpha.test\",\"updates\":2,\"bytes\":36}\n");
}

TEST(QuarantinedTable, HasARowForEachUpdate) {
  EXPECT_EQ(QuarantinedTable({Dance()}, kNow),
            "ID   SEQ  BYTES  SINCE      REASON\n"
            "12  1700     18  1h30m ago  update: unknown \"dance\"?[2J\n");
  EXPECT_EQ(QuarantinedJson({Dance()}),
            R"({"id":12,"origin":"alpha.test","seq":1700,"since":"2024-05-01T12:00:00.123Z",)"
            R"("reason":"update: unknown \"dance\"\u001b[2J","bytes":18})"
            "\n");
}

TEST(QuarantinedUpdateText, EndsWithTheUpdate) {
  QuarantinedUpdate update = Dance();
  update.set_update("{\"update\":\n\"dance\"}");
  EXPECT_EQ(QuarantinedUpdateText(update, kNow),
            "origin  alpha.test\n"
            "id      12\n"
            "seq     1700\n"
            "since   1h30m ago\n"
            "reason  update: unknown \"dance\"?[2J\n"
            "bytes   18\n"
            "{\"update\": \"dance\"}\n");
  EXPECT_EQ(QuarantinedUpdateJson(update),
            R"({"id":12,"origin":"alpha.test","seq":1700,"since":"2024-05-01T12:00:00.123Z",)"
            R"("reason":"update: unknown \"dance\"\u001b[2J","bytes":18,"update":{"update": "dance"}})"
            "\n");
}

TEST(Replay, SaysWhatCameOfEachUpdate) {
  admin::v1::ReplayQuarantinedUpdatesResponse response;
  EXPECT_EQ(ReplayText(response), "applied 0 updates\n");
  EXPECT_EQ(ReplayJson(response), "");
  auto add = [&](std::int64_t id, Replayed::Result result, const char* reason) {
    Replayed* replayed = response.add_replayed();
    replayed->set_id(id);
    replayed->set_seq(static_cast<std::uint64_t>(id) + 10);
    replayed->set_result(result);
    replayed->set_reason(reason);
  };
  add(1, Replayed::RESULT_DONE, "");
  add(2, Replayed::RESULT_REJECTED, "no\nway");
  add(4, Replayed::RESULT_LATER, "");
  EXPECT_EQ(ReplayText(response),
            "1: applied\n"
            "2: rejected again: no?way\n"
            "4: not now, try again later; nothing behind it was tried\n"
            "applied 1 update\n");
  EXPECT_EQ(ReplayJson(response), R"({"id":1,"seq":11,"result":"applied","reason":null})"
                                  "\n"
                                  R"({"id":2,"seq":12,"result":"rejected","reason":"no\nway"})"
                                  "\n"
                                  R"({"id":4,"seq":14,"result":"later","reason":null})"
                                  "\n");
}

TEST(Drop, SaysHowManyUpdatesWereDropped) {
  EXPECT_EQ(DropText("alpha.test", 1), "dropped 1 update of alpha.test\n");
  EXPECT_EQ(DropJson("alpha.test", 12), "{\"origin\":\"alpha.test\",\"dropped_updates\":12}\n");
}

}  // namespace
}  // namespace federation::fedctl
