#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "federation/seq.h"

namespace federation::simulation {

using NodeId = std::size_t;
inline constexpr std::size_t kNodesMax = 7;

// `a.test`, `b.test` and so on, and back.
std::string DomainOf(NodeId node);
NodeId NodeOf(std::string_view domain);

// The JSON of an update that carries its id. One that goes to several nodes has the id of the first, the
// others follow it.
std::string FormatUpdate(std::uint64_t id, bool fan, bool weak, std::size_t padding);
// The id of an update of ours at `destination`; none if it is not ours.
std::optional<std::uint64_t> ParseUpdate(std::string_view json, NodeId destination);
bool IsExpired(std::string_view json);

// What is to be seen of a push without reading all of its JSON.
struct PushOnWire {
  std::size_t strong = 0;
  std::size_t strong_bytes = 0;
  std::vector<std::uint64_t> weak;
  Seq seq{0};
  std::size_t bytes = 0;
};
PushOnWire ScanPush(std::string_view body, NodeId destination);

}  // namespace federation::simulation
