#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "federation/link_numbers.h"
#include "federation/seq.h"
#include "federation/store.h"

#include "simulation/memory_log.h"

namespace federation::simulation {

// A row of the application's own table, which commits with everything else.
struct Row {
  enum class Kind : std::uint8_t {
    kApplied,   // the handler has applied the update `id` under the number `seq`
    kExpired,   // the handler was told that `seq` is gone
    kUnknown,   // the handler took something of which the application knows nothing
    kReplayed,  // the handler has applied the update `id` out of the quarantine
    kSent,      // the application has written what the update `id` tells others of
    kGivenUp,   // the application was told that `seq` to `last` will not be delivered
  };
  Kind kind = Kind::kApplied;
  std::uint64_t id = 0;
  Seq seq{0};
  Seq last{0};
  const Row* before = nullptr;
};

struct MemoryLink {
  LinkNumbers numbers;
  BackOff backoff;
  bool paused = false;
  MemoryLog log;
  // Which opening of the store has renumbered it, and what its destination had.
  std::uint64_t renumbered_by = 0;
  Seq renumbered_to{0};
  // The application's rows about this destination, the latest one first.
  const Row* rows = nullptr;
};

struct MemoryOrigin {
  Seq last{0};
  std::int64_t quarantine_id = 0;
  std::uint64_t quarantine_bytes = 0;
  std::vector<std::shared_ptr<const QuarantinedUpdate>> quarantine;
  // The application's rows about this origin, the latest one first.
  const Row* rows = nullptr;
};

// All that a store holds. A copy shares everything: it is a backup, and costs next to nothing.
struct MemoryState {
  template <typename Value>
  using Map = std::map<std::string, std::shared_ptr<const Value>, std::less<>>;
  Map<MemoryLink> links;
  Map<MemoryOrigin> origins;
};

// What a transaction changed, one step after the other.
struct MemoryChange {
  enum class Kind : std::uint8_t {
    kAppended,
    kLast,
    kRow,
    kQuarantined,
    kUnquarantined,
    kRemoved,
    kRenumbered
  };
  Kind kind = Kind::kAppended;
  std::string peer;
  Seq seq{0};
  std::int64_t quarantine_id = 0;
  // Of an update that is removed: whether its destination had confirmed it.
  bool acked = false;
  std::shared_ptr<const std::string> json;
  const Row* row = nullptr;
};

}  // namespace federation::simulation
