#include <fmt/core.h>

#include "federation/json/reader.h"

#include "json/key_set.h"
#include "json/text.h"

namespace federation::json {

struct ObjectReader::Rest {
  absl::flat_hash_set<int> fields;
  absl::flat_hash_set<int> oneofs;
  KeySet unknown;
};

ObjectReader::ObjectReader(Reader& in) : in_(in), entered_(in.Enter('{', "an object")) {}

ObjectReader::~ObjectReader() {
  if (entered_) in_.Leave();
}

// Reads a key and its colon.
bool ObjectReader::ReadKey() {
  if (!first_ && !in_.Consume(',')) return in_.FailWant("a comma or the end of the object", in_.Offset());
  first_ = false;
  key_offset_ = in_.NextOffset();
  if (!in_.ReadStringPiece("a key", &key_scratch_, &key_)) return false;
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
    fresh = (seen_low_ & bit) == 0;
    seen_low_ |= bit;
  } else {
    if (rest_ == nullptr) rest_ = std::make_unique<Rest>();
    fresh = rest_->fields.insert(entry.field).second;
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
    fresh = (oneofs_low_ & bit) == 0;
    oneofs_low_ |= bit;
  } else {
    if (rest_ == nullptr) rest_ = std::make_unique<Rest>();
    fresh = rest_->oneofs.insert(oneof).second;
  }
  if (!fresh) {
    in_.Fail("another case of the same oneof is set already", key_offset_);
    return Failed();
  }
  return true;
}

bool ObjectReader::SkipUnknown() {
  if (in_.options().unknown_keys == DecodeOptions::UnknownKeys::kRefuse) {
    in_.Fail("unknown key", key_offset_);
    return Failed();
  }
  if (rest_ == nullptr) rest_ = std::make_unique<Rest>();
  if (!rest_->unknown.Insert(key_, key_.data() != key_scratch_.data())) {
    in_.Fail("duplicate key", key_offset_);
    return Failed();
  }
  return in_.SkipValue() || Failed();
}

bool ObjectReader::Next(std::span<const Key> keys) {
  if (!entered_) return false;
  while (!in_.Consume('}')) {
    if (!ReadKey()) return false;
    if (!tag_key_.empty() && key_ == tag_key_) {
      if (tag_passed_) return in_.Fail("duplicate key", key_offset_), Failed();
      tag_passed_ = true;
      if (!in_.SkipValue()) return Failed();
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
    if (in_.ConsumeNull()) continue;
    if (entry.oneof != 0 && !NoteOneof(entry.oneof)) return false;
    field_ = entry.field;
    return true;
  }
  ended_ = !in_.failed();
  return false;
}

TaggedObjectReader::TaggedObjectReader(Reader& in, std::string_view tag_key, std::span<const EnumName> tags)
    : object_(in) {
  if (!object_.entered_) return;
  // The tag decides what the other keys mean, so it is looked for first; then the object is read from its
  // start.
  const char* const start = in.at_;
  ok_ = FindTag(in, tag_key, tags);
  if (!ok_) return;
  in.at_ = start;
  object_.first_ = true;
  object_.tag_key_ = tag_key;
}

bool TaggedObjectReader::FindTag(Reader& in, std::string_view tag_key, std::span<const EnumName> tags) {
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
    in.Fail(fmt::format("unknown {} \"{}\"", tag_key, Shorten(value)), offset);
    return object_.Failed();
  }
  return in.Fail(fmt::format("want the key \"{}\", got none", tag_key), start);
}

ArrayReader::ArrayReader(Reader& in) : in_(in), entered_(in.Enter('[', "an array")) {}

ArrayReader::~ArrayReader() {
  if (entered_) in_.Leave();
}

bool ArrayReader::Next() {
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
