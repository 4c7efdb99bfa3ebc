// The generated codecs of the standard schema beside protobuf's own JSON and its binary form.
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/core.h>
#include <google/protobuf/arena.h>
#include <google/protobuf/util/json_util.h>

#include "federation/json/codec.h"
#include "federation/v1/push.federation.h"

#include "bench/ratio_reporter.h"

namespace federation::bench {
namespace {

// The draft's push: two updates.
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

// Strong updates with text that is not ASCII and text that needs escapes.
v1::Push LargePush(int updates) {
  v1::Push push;
  for (int i = 0; i < updates; ++i) {
    v1::Message* message = push.add_strong()->mutable_message();
    message->mutable_peer()->set_type(v1::PEER_TYPE_GROUP);
    message->mutable_peer()->set_id(11223344 + i);
    message->mutable_content()->mutable_text()->set_text(
        fmt::format("Nachricht {}: grüße an alle, \"привет\" und 你好\nzweite Zeile der Nachricht", i));
    message->set_sender_id(fmt::format("user-{}", i % 100));
    message->set_message_id(fmt::format("message-{:08}", i));
    message->set_date_ms(1'600'000'000'000 + i);
  }
  push.set_seq(static_cast<std::uint64_t>(updates));
  return push;
}

enum class Format { kGenerated, kProtobufJson, kProtobufBinary };

std::string Encoded(const v1::Push& push, Format format) {
  std::string text;
  if (format == Format::kGenerated) {
    if (!json::Encode(push, &text).ok()) std::abort();
  } else if (format == Format::kProtobufJson) {
    if (!google::protobuf::util::MessageToJsonString(push, &text).ok()) std::abort();
  } else {
    push.SerializeToString(&text);
  }
  return text;
}

bool Decoded(const std::string& text, Format format, v1::Push* push) {
  switch (format) {
    case Format::kGenerated:
      return json::Decode(text, push).ok();
    case Format::kProtobufJson:
      return google::protobuf::util::JsonStringToMessage(text, push).ok();
    case Format::kProtobufBinary:
      return push->ParseFromString(text);
  }
  return false;
}

void Encode(benchmark::State& state, const v1::Push& push, Format format) {
  std::size_t bytes = 0;
  for (auto _ : state) {
    const std::string text = Encoded(push, format);
    bytes = text.size();
    benchmark::DoNotOptimize(text.data());
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}

void Decode(benchmark::State& state, const v1::Push& push, Format format) {
  const std::string text = Encoded(push, format);
  for (auto _ : state) {
    google::protobuf::Arena arena;
    auto* decoded = google::protobuf::Arena::CreateMessage<v1::Push>(&arena);
    if (!Decoded(text, format, decoded)) state.SkipWithError("cannot decode");
    benchmark::DoNotOptimize(decoded);
  }
  state.counters["bytes"] = static_cast<double>(text.size());
}

}  // namespace
}  // namespace federation::bench

int main(int argc, char** argv) {
  using namespace federation::bench;
  benchmark::Initialize(&argc, argv);
  const std::pair<const char*, federation::v1::Push> pushes[] = {
      {"draft", SmallPush()}, {"1", LargePush(1)}, {"1000", LargePush(1000)}};
  const std::pair<const char*, Format> formats[] = {{"generated", Format::kGenerated},
                                                    {"json_util", Format::kProtobufJson},
                                                    {"binary", Format::kProtobufBinary}};
  for (const auto& [push_name, push] : pushes) {
    for (const auto& [format_name, format] : formats) {
      benchmark::RegisterBenchmark(fmt::format("encode/{}/{}", push_name, format_name).c_str(), Encode, push,
                                   format);
      benchmark::RegisterBenchmark(fmt::format("decode/{}/{}", push_name, format_name).c_str(), Decode, push,
                                   format);
    }
  }
  RatioReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  fmt::print("\nmedians, in the same run\n");
  for (const auto& [push_name, push] : pushes) {
    for (const char* way : {"encode", "decode"}) {
      for (const char* peer : {"json_util", "binary"}) {
        reporter.PrintRatio(fmt::format("{} a push ({}): generated code, against {}", way, push_name, peer),
                            fmt::format("{}/{}/generated", way, push_name),
                            fmt::format("{}/{}/{}", way, push_name, peer));
      }
    }
  }
  return 0;
}
