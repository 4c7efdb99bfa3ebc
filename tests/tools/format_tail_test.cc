#include <gtest/gtest.h>

#include "fedctl/format.h"

namespace federation::fedctl {
namespace {

using admin::v1::TailEvent;

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
