#include "fedctl/format.h"

#include <gtest/gtest.h>

namespace federation::fedctl {
namespace {

using admin::v1::Link;
using admin::v1::TailEvent;

admin::v1::ListLinksResponse TwoLinks() {
  admin::v1::ListLinksResponse links;
  Link* busy = links.add_links();
  busy->set_destination("bravo.test");
  busy->set_assigned(120);
  busy->set_acked(20);
  busy->set_pending(100);
  busy->set_state(Link::STATE_WAITING);
  busy->set_last_heard_ms(1714564800123);
  busy->set_last_error("503 \"busy\"");
  Link* idle = links.add_links();
  idle->set_destination("c.test");
  idle->set_state(Link::STATE_IDLE);
  return links;
}

TEST(LinksTable, AlignsItsColumns) {
  EXPECT_EQ(LinksTable(TwoLinks(), absl::FromUnixMillis(1714564812123)),
            "DESTINATION  ASSIGNED  ACKED  PENDING  LAST HEARD  STATE    LAST ERROR\n"
            "bravo.test        120     20      100  12 s ago    waiting  503 \"busy\"\n"
            "c.test              0      0        0  never       idle     -\n");
}

TEST(LinksTable, TellsLongTimesInMinutes) {
  std::string table =
      LinksTable(TwoLinks(), absl::FromUnixMillis(1714564800123) + absl::Minutes(125) + absl::Seconds(7));
  EXPECT_NE(table.find("2h5m ago"), std::string::npos) << table;
}

TEST(LinksJson, HasOneObjectALine) {
  EXPECT_EQ(LinksJson(TwoLinks()),
            R"({"destination":"bravo.test","assigned":120,"acked":20,"pending":100,)"
            R"("last_heard":"2024-05-01T12:00:00.123Z","state":"waiting","last_error":"503 \"busy\""})"
            "\n"
            R"({"destination":"c.test","assigned":0,"acked":0,"pending":0,)"
            R"("last_heard":null,"state":"idle","last_error":null})"
            "\n");
}

TEST(TailLines, ShowDirectionPeerAndNumber) {
  TailEvent event;
  event.set_direction(TailEvent::DIRECTION_IN);
  event.set_peer("alpha.test");
  event.set_seq(17);
  event.set_update("{\"update\":\n\"expired\"}");
  EXPECT_EQ(TailLines(event),
            "{\"direction\":\"in\",\"peer\":\"alpha.test\",\"seq\":17,"
            "\"update\":{\"update\": \"expired\"}}\n");
  event.clear_seq();
  event.set_direction(TailEvent::DIRECTION_OUT);
  EXPECT_EQ(TailLines(event),
            "{\"direction\":\"out\",\"peer\":\"alpha.test\",\"update\":{\"update\": \"expired\"}}\n");
}

TEST(TailLines, SayHowManyWereLeftOut) {
  TailEvent event;
  event.set_dropped(3);
  EXPECT_EQ(TailLines(event), "{\"dropped\":3}\n");
}

}  // namespace
}  // namespace federation::fedctl
