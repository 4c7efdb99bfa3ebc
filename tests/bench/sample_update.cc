#include "bench/sample_update.h"

#include <cstdlib>

#include <fmt/core.h>

#include "federation/json/codec.h"

namespace federation::bench {

v1::Message SampleMessage(std::uint64_t number) {
  v1::Message message;
  message.mutable_peer()->set_type(v1::PEER_TYPE_GROUP);
  message.mutable_peer()->set_id(11223344);
  message.mutable_content()->mutable_text()->set_text(std::string(100, 'x'));
  message.set_sender_id("user-17");
  message.set_message_id(fmt::format("{:016}", number));
  message.set_date_ms(1'600'000'000'000);
  return message;
}

std::string SampleJson(std::uint64_t number) {
  v1::Update update;
  *update.mutable_message() = SampleMessage(number);
  auto json = json::Encode(update);
  if (!json.ok()) std::abort();
  return *std::move(json);
}

}  // namespace federation::bench
