#include <fmt/core.h>

#include "federation/json/reader.h"

#include "json/key_set.h"
#include "json/text.h"

namespace federation::json {

struct ObjectReader::Rest {
  absl::flat_hash_set<int> fields;
  absl::flat_hash_set<int> oneofs;
  KeySet unknown;
  std::string key;
};

ObjectReader::Rest& ObjectReader::rest() {
  if (rest_ == nullptr) rest_ = new Rest;
  return *rest_;
}

void ObjectReader::DeleteRest() { delete rest_; }

// Reads a key and its colon.
bool ObjectReader::ReadKey() {
  if (!first_ && !in_.Consume(',')) return in_.FailWant("a comma or the end of the object", in_.Offset());
  first_ = false;
  key_offset_ = in_.NextOffset();
  std::string unescaped;
  if (!in_.ReadStringPiece("a key", &unescaped, &key_)) return false;
  if (key_.data() == unescaped.data()) {
    rest().key = std::move(unescaped);
    key_ = rest().key;
  }
  if (!in_.Consume(':')) {
    in_.FailWant("a colon", in_.Offset());
    return Failed();
  }
  return true;
}

std::size_t ObjectReader::Find(std::span<const Key> keys) {
  // Writers keep to one order, so the next key is mostly the one behind the last one in the table.
  for (std::size_t i = expected_; i < keys.size(); ++i) {
    if (keys[i].name == key_) return i;
  }
  for (std::size_t i = 0; i < expected_ && i < keys.size(); ++i) {
    if (keys[i].name == key_) return i;
  }
  return keys.size();
}

bool ObjectReader::NoteField(const Key& entry) {
  bool fresh = false;
  if (entry.field < 64) {
    const std::uint64_t bit = std::uint64_t{1} << entry.field;
    fresh = (seen_ & bit) == 0;
    seen_ |= bit;
  } else {
    fresh = rest().fields.insert(entry.field).second;
  }
  if (!fresh) {
    in_.Fail("duplicate key", key_offset_);
    return Failed();
  }
  return true;
}

bool ObjectReader::NoteOneof(int oneof) {
  bool fresh = false;
  if (oneof < 64) {
    const std::uint64_t bit = std::uint64_t{1} << oneof;
    fresh = (oneofs_ & bit) == 0;
    oneofs_ |= bit;
  } else {
    fresh = rest().oneofs.insert(oneof).second;
  }
  if (!fresh) {
    in_.Fail("another case of the same oneof is set already", key_offset_);
    return Failed();
  }
  return true;
}

bool ObjectReader::SkipUnknown() {
  if (in_.options().unknown_keys == DecodeOptions::UnknownKeys::kRefuse) {
    in_.Fail("unknown key", key_offset_, DecodeError::Kind::kUnknownKey);
    return Failed();
  }
  if (!rest().unknown.Insert(key_, /*lasting=*/key_.data() != rest().key.data())) {
    in_.Fail("duplicate key", key_offset_);
    return Failed();
  }
  return in_.SkipValue() || Failed();
}

// The tag's key: its value was read ahead.
bool ObjectReader::PassTag() {
  if (tag_passed_) {
    in_.Fail("duplicate key", key_offset_);
    return Failed();
  }
  tag_passed_ = true;
  return in_.SkipValue() || Failed();
}

bool ObjectReader::NextSlow(std::span<const Key> keys) {
  if (!entered_) return false;
  while (!in_.Consume('}')) {
    if (!ReadKey()) return false;
    if (!tag_key_.empty() && key_ == tag_key_) {
      if (!PassTag()) return false;
      continue;
    }
    const std::size_t index = Find(keys);
    if (index == keys.size()) {
      if (!SkipUnknown()) return false;
      continue;
    }
    const Key& entry = keys[index];
    expected_ = index + 1;
    if (!NoteField(entry)) return false;
    if (!entry.takes_null && in_.ConsumeNull()) continue;
    if (entry.oneof != 0 && !NoteOneof(entry.oneof)) return false;
    field_ = entry.field;
    return true;
  }
  ended_ = !in_.failed();
  return false;
}

bool TaggedObjectReader::FindTag(Reader& in, std::string_view tag_key, std::span<const EnumName> tags) {
  if (!object_.entered_) return false;
  const char* const start = in.at_;
  if (!FindTagFromHere(in, tag_key, tags)) return false;
  in.at_ = start;
  object_.first_ = true;
  object_.tag_key_ = tag_key;
  return true;
}

bool TaggedObjectReader::FindTagFromHere(Reader& in, std::string_view tag_key,
                                         std::span<const EnumName> tags) {
  const std::size_t start = in.Offset() - 1;
  while (!in.Consume('}')) {
    if (!object_.ReadKey()) return false;
    if (object_.key_ != tag_key) {
      if (!in.SkipValue()) return object_.Failed();
      continue;
    }
    const std::size_t offset = in.NextOffset();
    std::string scratch;
    std::string_view value;
    if (!in.ReadStringPiece("a string", &scratch, &value)) return object_.Failed();
    for (const EnumName& entry : tags) {
      if (entry.name == value) {
        tag_ = entry.number;
        return true;
      }
    }
    in.Fail(fmt::format("unknown {} \"{}\"", tag_key, Shorten(value)), offset,
            DecodeError::Kind::kUnknownTag);
    return object_.Failed();
  }
  return in.Fail(fmt::format("want the key \"{}\", got none", tag_key), start);
}

bool ArrayReader::NextSlow() {
  if (!entered_) return false;
  if (in_.Consume(']')) {
    ended_ = true;
    return false;
  }
  if (count_ != 0 && !in_.Consume(',')) {
    in_.FailWant("a comma or the end of the array", in_.Offset());
    return false;
  }
  ++count_;
  return true;
}

}  // namespace federation::json
