#include "bench/documents.h"

#include <random>

#include <fmt/core.h>

#include "support/shuffle_keys.h"

namespace federation::bench {
v1::Push SmallPush() {
  v1::Push push;
  v1::Typing* typing = push.add_weak()->mutable_typing();
  typing->set_user_id("uid");
  typing->mutable_peer()->set_type(v1::PEER_TYPE_GROUP);
  typing->mutable_peer()->set_id(11223344);
  v1::Message* message = push.add_strong()->mutable_message();
  *message->mutable_peer() = typing->peer();
  message->mutable_content()->mutable_text()->set_text("Hello Wordl!");
  push.set_seq(234234);
  return push;
}

v1::Push LargePush(int updates) {
  v1::Push push;
  for (int i = 0; i < updates; ++i) {
    v1::Message* message = push.add_strong()->mutable_message();
    message->mutable_peer()->set_type(v1::PEER_TYPE_GROUP);
    message->mutable_peer()->set_id(11223344 + i);
    message->mutable_content()->mutable_text()->set_text(fmt::format(
        "Nachricht {}: grüße an alle, \"привет\" und 你好\nzweite Zeile der Nachricht, ein wenig länger", i));
    message->set_sender_id(fmt::format("user-{}@alpha.test", i % 100));
    message->set_message_id(fmt::format("message-{:08}", i));
    message->set_date_ms(1'600'000'000'000 + i);
  }
  push.set_seq(static_cast<std::uint64_t>(updates));
  return push;
}

Readings CanonicalReadings(int readings) {
  Readings all;
  for (int i = 0; i < readings; ++i) {
    Reading* reading = all.add_readings();
    reading->mutable_taken_at()->set_seconds(1'600'000'000 + i);
    reading->mutable_taken_at()->set_nanos(250'000'000);
    reading->mutable_lasted()->set_seconds(i % 90);
    reading->mutable_lasted()->set_nanos(500'000);
    reading->set_level(i % 2 == 0 ? LEVEL_LOW : LEVEL_HIGH);
    for (int k = 0; k < 8; ++k) {
      reading->add_values(0.125 * k + i);
      reading->add_counts(1'000'000'007LL * k);
      reading->add_channels(static_cast<std::uint32_t>(k));
      (*reading->mutable_histogram())[k * 10] = i + k;
    }
    (*reading->mutable_labels())["sensor"] = fmt::format("sensor-{}", i % 10);
    (*reading->mutable_labels())["site"] = "Gewächshaus";
    reading->mutable_note()->set_value("checked \"by hand\"");
    (*reading->mutable_extra()->mutable_fields())["operator"].set_string_value("night shift");
    reading->set_digest("0123456789abcdef0123456789abcdef");
    reading->set_valid(true);
  }
  return all;
}

std::string Shuffled(std::string_view json) {
  std::mt19937 random(1);  // the same order in every run
  return support::KeyShuffler(random).Shuffle(json);
}

}  // namespace federation::bench
