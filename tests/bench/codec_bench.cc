// Generated codecs beside protobuf's own JSON and its binary form: the same content, in the same run.
#include <cstdlib>
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/core.h>
#include <google/protobuf/arena.h>
#include <google/protobuf/util/json_util.h>

#include "federation/json/codec.h"
#include "federation/v1/push.federation.h"

#include "bench/canonical.federation.h"
#include "bench/documents.h"
#include "bench/ratio_reporter.h"

namespace federation::bench {
namespace {

// Each of them writes into a string that has room from the last time, as a sender's would.
struct Generated {
  template <typename M>
  static bool Encode(const M& message, std::string* out) {
    out->clear();
    return json::Encode(message, out).ok();
  }
  template <typename M>
  static bool Decode(const std::string& text, M* message) {
    return json::Decode(text, message).ok();
  }
};

struct JsonUtil {
  template <typename M>
  static bool Encode(const M& message, std::string* out) {
    out->clear();
    return google::protobuf::util::MessageToJsonString(message, out).ok();
  }
  template <typename M>
  static bool Decode(const std::string& text, M* message) {
    return google::protobuf::util::JsonStringToMessage(text, message).ok();
  }
};

struct Binary {
  template <typename M>
  static bool Encode(const M& message, std::string* out) {
    return message.SerializeToString(out);
  }
  template <typename M>
  static bool Decode(const std::string& text, M* message) {
    return message->ParseFromString(text);
  }
};

template <typename Format, typename M>
void EncodeLoop(benchmark::State& state, const M& message) {
  std::string text;
  for (auto _ : state) {
    if (!Format::Encode(message, &text)) std::abort();
    benchmark::DoNotOptimize(text.data());
  }
  state.counters["bytes"] = static_cast<double>(text.size());
}

// Onto an arena whose first block is there already, so that neither side's time is malloc's.
template <typename Format, typename M>
void DecodeLoop(benchmark::State& state, const std::string& text) {
  std::string block(4 << 20, '\0');
  google::protobuf::ArenaOptions options;
  options.initial_block = block.data();
  options.initial_block_size = block.size();
  google::protobuf::Arena arena(options);
  for (auto _ : state) {
    M* decoded = google::protobuf::Arena::CreateMessage<M>(&arena);
    if (!Format::Decode(text, decoded)) std::abort();
    benchmark::DoNotOptimize(decoded);
    arena.Reset();
  }
  state.counters["bytes"] = static_cast<double>(text.size());
}

template <typename Format, typename M>
void Register(const std::string& content, const std::string& format, const M& message) {
  benchmark::RegisterBenchmark(("encode/" + content + "/" + format).c_str(), EncodeLoop<Format, M>, message);
  std::string text;
  if (!Format::Encode(message, &text)) std::abort();
  benchmark::RegisterBenchmark(("decode/" + content + "/" + format).c_str(), DecodeLoop<Format, M>, text);
}

template <typename M>
void RegisterAll(const std::string& content, const M& message) {
  Register<Generated>(content, "generated", message);
  Register<JsonUtil>(content, "json_util", message);
  Register<Binary>(content, "binary", message);
  std::string text;
  if (!Generated::Encode(message, &text)) std::abort();
  benchmark::RegisterBenchmark(("decode/" + content + "/shuffled").c_str(), DecodeLoop<Generated, M>,
                               Shuffled(text));
}

}  // namespace
}  // namespace federation::bench

int main(int argc, char** argv) {
  using namespace federation::bench;
  benchmark::Initialize(&argc, argv);
  RegisterAll("S", SmallPush());
  RegisterAll("L", LargePush(1000));
  RegisterAll("canonical", CanonicalReadings(100));
  RatioReporter reporter(RatioReporter::Time::kProcessor);
  benchmark::RunSpecifiedBenchmarks(&reporter);
  struct Row {
    const char* way;
    const char* ours;
    const char* peer;
  };
  constexpr Row kRows[] = {{"encode", "generated", "binary"},
                           {"encode", "generated", "json_util"},
                           {"decode", "generated", "binary"},
                           {"decode", "shuffled", "binary"},
                           {"decode", "generated", "json_util"}};
  fmt::print("\nmedians in the same run; S: the draft's push, L: a push of 1,000 messages\n");
  for (const char* content : {"S", "L", "canonical"}) {
    for (const Row& row : kRows) {
      reporter.PrintRatio(fmt::format("{} {}: {}, against {}", row.way, content, row.ours, row.peer),
                          fmt::format("{}/{}/{}", row.way, content, row.ours),
                          fmt::format("{}/{}/{}", row.way, content, row.peer));
    }
  }
  return 0;
}
