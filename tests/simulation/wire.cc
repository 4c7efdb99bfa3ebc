#include "simulation/wire.h"

#include <charconv>

#include <fmt/core.h>

namespace federation::simulation {
namespace {

constexpr std::string_view kUpdate = R"({"update":")";
constexpr std::string_view kStrong = R"(],"strong":[)";
constexpr std::string_view kSeq = R"(],"seq":)";

std::optional<std::uint64_t> NumberAfter(std::string_view json, std::string_view key) {
  const std::size_t place = json.find(key);
  if (place == std::string_view::npos) return std::nullopt;
  std::uint64_t number = 0;
  const char* begin = json.data() + place + key.size();
  if (std::from_chars(begin, json.data() + json.size(), number).ec != std::errc()) return std::nullopt;
  return number;
}

}  // namespace

std::string DomainOf(NodeId node) {
  std::string domain = "a.test";
  domain[0] = static_cast<char>('a' + node);
  return domain;
}

NodeId NodeOf(std::string_view domain) { return static_cast<NodeId>(domain[0] - 'a'); }

std::string FormatUpdate(std::uint64_t id, bool fan, bool weak, std::size_t padding) {
  std::string json =
      fmt::format(R"({{"update":"{}","{}":{})", weak ? "weak" : "strong", fan ? "fan" : "id", id);
  if (padding > 0) {
    json += R"(,"padding":")";
    json.append(padding, '.');
    json += '"';
  }
  json += '}';
  return json;
}

std::optional<std::uint64_t> ParseUpdate(std::string_view json, NodeId destination) {
  const std::string_view head = json.substr(0, 64);
  if (const auto id = NumberAfter(head, R"("id":)")) return id;
  const auto fan = NumberAfter(head, R"("fan":)");
  if (!fan.has_value()) return std::nullopt;
  return *fan + destination;
}

bool IsExpired(std::string_view json) { return json == R"({"update":"expired"})"; }

PushOnWire ScanPush(std::string_view body, NodeId destination) {
  PushOnWire push;
  push.bytes = body.size();
  const std::size_t strong = body.find(kStrong);
  const std::size_t seq = body.rfind(kSeq);
  if (strong == std::string_view::npos || seq == std::string_view::npos) return push;
  for (std::size_t at = body.find(kUpdate); at < strong; at = body.find(kUpdate, at + 1)) {
    if (const auto id = ParseUpdate(body.substr(at), destination)) push.weak.push_back(*id);
  }
  const std::string_view updates = body.substr(strong, seq - strong);
  for (std::size_t at = updates.find(kUpdate); at != std::string_view::npos;
       at = updates.find(kUpdate, at + 1)) {
    ++push.strong;
  }
  push.strong_bytes = updates.size() - kStrong.size();
  push.seq = Seq{NumberAfter(body.substr(seq), kSeq).value_or(0)};
  return push;
}

}  // namespace federation::simulation
