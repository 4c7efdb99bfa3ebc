#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "federation/json/reader.h"

// Objects whose keys are data: the maps of schemas.
namespace federation::json {

// Walks over the entries of an object whose keys are data.
//
//   MapReader map(in);
//   std::int32_t key = 0;
//   while (map.Next()) {
//     if (!map.ReadKey(&key)) return object.Failed();
//     const auto [entry, fresh] = m->mutable_counts()->try_emplace(key);
//     if (!fresh) return map.FailDuplicate(), object.Failed();
//     if (!in.ReadInt32(&entry->second)) return map.Failed(), object.Failed();
//   }
//   if (!map.ok()) return object.Failed();
//
// It does not look for keys that stand twice: the map that they go into knows best which are the same ("1"
// and "1.0" are). A null value is an error that the value's Read function reports.
class MapReader {
 public:
  explicit MapReader(Reader& in) : in_(in), entered_(in.Enter('{', "an object")) {}
  ~MapReader() {
    if (entered_) in_.Leave();
  }
  MapReader(const MapReader&) = delete;
  MapReader& operator=(const MapReader&) = delete;

  // Moves to the next entry.
  bool Next();
  // Reads the entry's key, once. A key is a string: integers are spelled in it as in any string, and bool is
  // true or false. A failure has its place already.
  bool ReadKey(std::string* key) { return KeyRead(in_.ReadString(key)); }
  bool ReadKey(std::int32_t* key) { return KeyRead(in_.ReadInt32(key)); }
  bool ReadKey(std::int64_t* key) { return KeyRead(in_.ReadInt64(key)); }
  bool ReadKey(std::uint32_t* key) { return KeyRead(in_.ReadUint32(key)); }
  bool ReadKey(std::uint64_t* key) { return KeyRead(in_.ReadUint64(key)); }
  bool ReadKey(bool* key);

  // Puts the current key into the failure's path; returns false.
  bool Failed();
  // Records that the current key stands for the second time; returns false.
  bool FailDuplicate();
  // Whether the object was read to its end.
  bool ok() const { return ended_; }

 private:
  // Reads the colon.
  bool KeyRead(bool read);

  Reader& in_;
  bool entered_;
  bool first_ = true;
  bool ended_ = false;
  std::size_t key_offset_ = 0;
};

// An entry of a map, and what it is ordered by.
template <typename K>
struct KeyedEntry {
  K key;
  const void* entry;
};

// Numbers by value, strings by their bytes.
void SortByKey(std::span<KeyedEntry<std::int64_t>> entries);
void SortByKey(std::span<KeyedEntry<std::uint64_t>> entries);
void SortByKey(std::span<KeyedEntry<std::string_view>> entries);

// The entries of a protobuf map in the order of their keys, which makes output the same each time.
//
//   for (const auto* entry : InKeyOrder(m.counts())) ...
//
// Borrows the map, which must not change meanwhile.
template <typename Map>
class InKeyOrder {
  using Entry = typename Map::value_type;
  using MapKey = typename Map::key_type;
  using Key = std::conditional_t<std::is_same_v<MapKey, std::string>, std::string_view,
                                 std::conditional_t<std::is_signed_v<MapKey>, std::int64_t, std::uint64_t>>;

 public:
  class Iterator {
   public:
    explicit Iterator(const KeyedEntry<Key>* at) : at_(at) {}
    const Entry* operator*() const { return static_cast<const Entry*>(at_->entry); }
    Iterator& operator++() { return ++at_, *this; }
    bool operator==(const Iterator&) const = default;

   private:
    const KeyedEntry<Key>* at_;
  };

  explicit InKeyOrder(const Map& map) : size_(map.size()) {
    if (size_ > std::size(few_)) many_.resize(size_);
    KeyedEntry<Key>* to = many_.empty() ? few_ : many_.data();
    begin_ = to;
    for (const Entry& entry : map) *to++ = {Key{entry.first}, &entry};
    if (size_ > 1) SortByKey({begin_, size_});
  }
  InKeyOrder(const InKeyOrder&) = delete;
  InKeyOrder& operator=(const InKeyOrder&) = delete;

  Iterator begin() const { return Iterator(begin_); }
  Iterator end() const { return Iterator(begin_ + size_); }

 private:
  std::size_t size_;
  KeyedEntry<Key>* begin_;
  KeyedEntry<Key> few_[8];
  std::vector<KeyedEntry<Key>> many_;
};

}  // namespace federation::json
