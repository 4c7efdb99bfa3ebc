#include <algorithm>

#include "federation/json/map.h"

namespace federation::json {
namespace {

template <typename K>
void Sort(std::span<KeyedEntry<K>> entries) {
  std::sort(entries.begin(), entries.end(),
            [](const KeyedEntry<K>& left, const KeyedEntry<K>& right) { return left.key < right.key; });
}

}  // namespace

void SortByKey(std::span<KeyedEntry<std::int64_t>> entries) { Sort(entries); }
void SortByKey(std::span<KeyedEntry<std::uint64_t>> entries) { Sort(entries); }
void SortByKey(std::span<KeyedEntry<std::string_view>> entries) { Sort(entries); }

}  // namespace federation::json
