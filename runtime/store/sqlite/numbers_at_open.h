#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "federation/seq.h"

namespace federation::sqlite {

// The last number that each link had given out when the store was opened; see StoredLink. Those that nothing
// was appended to since are not in here: they have given out no number since. Thread-safe.
class NumbersAtOpen {
 public:
  // To be called before an append is committed: who sees its number must not miss this one. What is not
  // committed then has changed nothing.
  void Appending(std::string_view destination, Seq assigned_before) {
    const std::lock_guard guard(mutex_);
    if (numbers_.find(destination) == numbers_.end()) numbers_.emplace(destination, assigned_before);
  }

  // The destination has updates up to `theirs`, and what waits is numbered from there on.
  void Renumbered(std::string_view destination, Seq theirs) {
    const std::lock_guard guard(mutex_);
    numbers_.insert_or_assign(std::string(destination), theirs);
  }

  // From now on all that is given out counts.
  void Compared(std::string_view destination) {
    const std::lock_guard guard(mutex_);
    numbers_.insert_or_assign(std::string(destination), kAll);
  }

  // None if all that was given out counts. To be asked after `assigned` was read.
  std::optional<Seq> Find(std::string_view destination) const {
    const std::lock_guard guard(mutex_);
    const auto found = numbers_.find(destination);
    return found == numbers_.end() || found->second == kAll ? std::nullopt : std::optional(found->second);
  }

 private:
  static constexpr Seq kAll{std::numeric_limits<std::uint64_t>::max()};

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Seq, Hash, std::equal_to<>> numbers_;
};

}  // namespace federation::sqlite
