#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <forward_list>
#include <string>
#include <string_view>

#include <absl/container/flat_hash_set.h>

namespace federation::json {

// The keys of one object, to find one that stands twice. Few keys are compared one by one; many go into a
// hash table whose seed a peer does not know, so that no choice of keys makes it slow.
class KeySet {
 public:
  // Whether `key` is new. `lasting` says that its bytes outlive the set; others are copied.
  bool Insert(std::string_view key, bool lasting) {
    if (Contains(key)) return false;
    if (!lasting) key = copies_.emplace_front(key);
    if (count_ < few_.size()) {
      few_[count_] = key;
    } else {
      if (count_ == few_.size()) many_.insert(few_.begin(), few_.end());
      many_.insert(key);
    }
    ++count_;
    return true;
  }

 private:
  bool Contains(std::string_view key) const {
    if (count_ > few_.size()) return many_.contains(key);
    const auto last = few_.begin() + static_cast<std::ptrdiff_t>(count_);
    return std::find(few_.begin(), last, key) != last;
  }

  std::array<std::string_view, 12> few_;
  std::size_t count_ = 0;
  absl::flat_hash_set<std::string_view> many_;
  std::forward_list<std::string> copies_;
};

}  // namespace federation::json
