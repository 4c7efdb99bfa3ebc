#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "federation/link_numbers.h"
#include "federation/update_run.h"

namespace federation::sqlite {

// What a writer knows of a link.
struct CachedLink {
  std::string destination;
  std::int64_t id = 0;  // 0 as long as it has no row
  LinkNumbers numbers;
  // Of all updates of the link, and of those up to the first row that waits; see the schema.
  std::uint64_t total_bytes = 0;
  std::uint64_t acked_bytes = 0;
  // Updates that are numbered but not written yet.
  std::shared_ptr<UpdateRun> run;
  // The step that changed it last.
  std::uint64_t step = 0;
  // NumbersAtOpen has it.
  bool is_known_at_open = false;

  std::uint64_t waiting_updates() const { return Value(numbers.assigned) - Value(numbers.acked); }
  std::uint64_t waiting_bytes() const { return total_bytes - acked_bytes; }
};

// Links by their destinations. Pointers stay valid until the link is erased. Not thread-safe.
class LinkCache {
 public:
  // Null if it is not there.
  CachedLink* Find(std::string_view destination) {
    // Updates often come in series.
    if (latest_ != nullptr && latest_->destination == destination) return latest_;
    const auto found = links_.find(destination);
    if (found == links_.end()) return nullptr;
    return latest_ = &found->second;
  }
  CachedLink* Add(CachedLink link) {
    std::string destination = link.destination;
    return latest_ = &links_.insert_or_assign(std::move(destination), std::move(link)).first->second;
  }
  void Erase(const CachedLink& link) {
    latest_ = nullptr;
    const auto found = links_.find(link.destination);
    if (found != links_.end()) links_.erase(found);
  }
  void Clear() {
    latest_ = nullptr;
    links_.clear();
  }
  std::size_t size() const { return links_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, CachedLink, Hash, std::equal_to<>> links_;
  CachedLink* latest_ = nullptr;
};

}  // namespace federation::sqlite
