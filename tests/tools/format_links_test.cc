#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fedctl/format.h"

namespace federation::fedctl {
namespace {

using admin::v1::Link;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::int64_t kHeardMs = 1714564800123;

admin::v1::ListLinksResponse TwoLinks() {
  admin::v1::ListLinksResponse links;
  Link* busy = links.add_links();
  busy->set_destination("bravo.test");
  busy->set_assigned(120);
  busy->set_acked(20);
  busy->set_pending(100);
  busy->set_state(Link::STATE_WAITING);
  busy->set_last_heard_ms(kHeardMs);
  busy->set_last_error("503 \"busy\"");
  busy->set_pending_bytes(2500);
  busy->set_pending_since_ms(kHeardMs - 120'000);
  busy->set_failures(3);
  busy->set_retry_at_ms(kHeardMs + 20'000);
  busy->set_loss("the peer has lost updates");
  busy->mutable_counters()->set_pushes(7);
  busy->mutable_counters()->set_peer_store_restored(1);
  Link* idle = links.add_links();
  idle->set_destination("c.test");
  idle->set_state(Link::STATE_IDLE);
  return links;
}

const absl::Time kNow = absl::FromUnixMillis(kHeardMs + 12'000);

TEST(LinksTable, AlignsItsColumns) {
  EXPECT_EQ(
      LinksTable(TwoLinks(), kNow),
      "DESTINATION  ASSIGNED  ACKED  PENDING  LAST HEARD  STATE    FAILURES  NEXT TRY  LOSS  LAST ERROR\n"
      "bravo.test        120     20      100  12 s ago    waiting         3  in 8 s    yes   503 \"busy\"\n"
      "c.test              0      0        0  never       idle            0  -         -     -\n");
}

TEST(LinksTable, TellsLongTimesInMinutes) {
  std::string table =
      LinksTable(TwoLinks(), absl::FromUnixMillis(kHeardMs) + absl::Minutes(125) + absl::Seconds(7));
  EXPECT_THAT(table, HasSubstr("2h5m ago"));
  EXPECT_THAT(table, HasSubstr("in 0 s")) << "what is overdue is not in the past";
}

TEST(LinksTable, KeepsControlCharactersOfPeersFromTheTerminal) {
  admin::v1::ListLinksResponse links;
  Link* link = links.add_links();
  link->set_destination("bravo.test");
  link->set_last_error("HTTP 400: \x1b[2J\n\x7f\xc2\x9b and \xc3\xbc");
  std::string table = LinksTable(links, kNow);
  EXPECT_THAT(table, HasSubstr("HTTP 400: ?[2J??? and \xc3\xbc\n"));
  EXPECT_THAT(LinkText(*link, kNow), Not(HasSubstr("\x1b")));
}

TEST(LinksJson, HasOneObjectALine) {
  EXPECT_EQ(
      LinksJson(TwoLinks()),
      R"({"destination":"bravo.test","assigned":120,"acked":20,"pending":100,)"
      R"("last_heard":"2024-05-01T12:00:00.123Z","state":"waiting","last_error":"503 \"busy\"",)"
      R"("pending_bytes":2500,"pending_since":"2024-05-01T11:58:00.123Z","failures":3,)"
      R"("retry_at":"2024-05-01T12:00:20.123Z","loss":"the peer has lost updates",)"
      R"("counters":{"pushes":7,"acked_updates":0,"repeated_updates":0,"holes":0,"waits":0,)"
      R"("expired_updates":0,"given_up_updates":0,"weak_sent":0,"weak_dropped":0,"unreachable":0,)"
      R"("busy":0,"refused":0,"too_large":0,"contradictions":0,"own_store_restored":0,"peer_store_restored":1}})"
      "\n"
      R"({"destination":"c.test","assigned":0,"acked":0,"pending":0,)"
      R"("last_heard":null,"state":"idle","last_error":null,)"
      R"("pending_bytes":0,"pending_since":null,"failures":0,"retry_at":null,"loss":null,)"
      R"("counters":{"pushes":0,"acked_updates":0,"repeated_updates":0,"holes":0,"waits":0,)"
      R"("expired_updates":0,"given_up_updates":0,"weak_sent":0,"weak_dropped":0,"unreachable":0,)"
      R"("busy":0,"refused":0,"too_large":0,"contradictions":0,"own_store_restored":0,"peer_store_restored":0}})"
      "\n");
}

TEST(LinkJson, IsTheLineOfTheList) {
  admin::v1::ListLinksResponse links = TwoLinks();
  EXPECT_EQ(LinkJson(links.links(0)) + LinkJson(links.links(1)), LinksJson(links));
}

TEST(LinkText, HasALineForEachProperty) {
  EXPECT_EQ(LinkText(TwoLinks().links(0), kNow),
            "destination                 bravo.test\n"
            "state                       waiting\n"
            "assigned                    120\n"
            "acked                       20\n"
            "pending                     100 updates, 2500 bytes, the oldest one for 2m\n"
            "last heard                  12 s ago\n"
            "failures                    3 in a row\n"
            "next try                    in 8 s\n"
            "last error                  503 \"busy\"\n"
            "loss                        the peer has lost updates\n"
            "since the start\n"
            "  pushes                    7\n"
            "  updates acknowledged      0\n"
            "  updates sent once more    0\n"
            "  holes                     0\n"
            "  told to wait              0\n"
            "  updates sent as expired   0\n"
            "  updates given up          0\n"
            "  weak updates sent         0\n"
            "  weak updates dropped      0\n"
            "  failures: unreachable     0\n"
            "  failures: busy            0\n"
            "  failures: refused         0\n"
            "  failures: too large       0\n"
            "  failures: contradictions  0\n"
            "  own store restored        0\n"
            "  peer's store restored     1\n");
}

TEST(LinkStateText, SaysHowMuchWaits) {
  Link link;
  link.set_destination("bravo.test");
  link.set_state(Link::STATE_PAUSED);
  EXPECT_EQ(LinkStateText(link), "bravo.test: paused, 0 updates wait\n");
  link.set_pending(1);
  EXPECT_EQ(LinkStateText(link), "bravo.test: paused, 1 update waits\n");
}

TEST(Reset, SaysHowManyUpdatesWereGivenUp) {
  admin::v1::ResetLinkResponse reset;
  reset.set_given_up_updates(2);
  reset.mutable_link()->set_destination("bravo.test");
  EXPECT_EQ(ResetText(reset), "bravo.test: gave up 2 updates\n");
  EXPECT_EQ(ResetJson(reset), "{\"destination\":\"bravo.test\",\"given_up_updates\":2}\n");
}

}  // namespace
}  // namespace federation::fedctl
