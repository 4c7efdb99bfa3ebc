#include "federation/json/object_reader.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

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

bool ObjectReader::Failed() { return in_.UnderKey(key()); }

bool ObjectReader::FailMissing(std::string_view key) {
  ended_ = false;
  return in_.Fail(fmt::format("want the key \"{}\", got none", key), in_.Offset() - 1);
}

bool ObjectReader::ReadComma() {
  if (!first_ && !in_.Consume(',')) return in_.FailWant("a comma or the end of the object", in_.Offset());
  first_ = false;
  return true;
}

bool ObjectReader::ReadKey() {
  entry_ = nullptr;
  key_ = {};
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

const Key* ObjectReader::Find(std::span<const Key> keys) const {
  for (const Key& entry : keys) {
    if (entry.name == key_) return &entry;
  }
  return nullptr;
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

// Keys as they stand in the table, with values that are not null: but for their order nothing is special.
bool ObjectReader::NextInAnyOrder(std::span<const Key> keys) {
  const char* at = in_.at_;
  const char* const end = in_.end_;
  if (end - at <= 8 || !(first_ ? entered_ : *at == ',')) return NextSlow(keys);
  if (!first_) ++at;
  if (at == tag_at_) return NextBehindTag(keys);
  const std::uint64_t word = LoadWord(at);
  for (const Key& entry : keys) {
    if (!entry.token.Begins(word) || !entry.token.MatchRest(at, end)) continue;
    if (!TakeValue(entry, at)) break;
    first_ = false;
    return true;
  }
  if (awaits_tag_ && tagged_->tag_key_.token.Match(at, end)) return NextBehindGuessedTag(keys, at);
  return NextSlow(keys);
}

bool ObjectReader::NextBehindTag(std::span<const Key> keys) {
  in_.at_ = behind_tag_;
  tag_at_ = nullptr;
  awaits_tag_ = false;
  first_ = false;
  return NextInAnyOrder(keys);
}

bool ObjectReader::NextBehindGuessedTag(std::span<const Key> keys, const char* at) {
  first_ = false;
  key_offset_ = static_cast<std::size_t>(at - in_.begin_);
  entry_ = &tagged_->tag_key_;
  in_.at_ = at + entry_->token.bytes();
  return tagged_->PassTag() && NextInAnyOrder(keys);
}

bool ObjectReader::NextSlow(std::span<const Key> keys) {
  if (!entered_) return false;
  do {
    in_.SkipSpace();
    if (in_.at_ != in_.end_ && *in_.at_ == '}') {
      if (awaits_tag_) return in_.Abandon();
      ++in_.at_;
      ended_ = true;
      return false;
    }
    if (NextOther(keys) == Step::kFound) return true;
  } while (!in_.failed());
  return false;
}

ObjectReader::Step ObjectReader::NextOther(std::span<const Key> keys) {
  if (!ReadComma()) return Step::kPassed;
  key_offset_ = in_.NextOffset();
  if (!ReadKey()) return Step::kPassed;
  if (tagged_ != nullptr && key_ == tagged_->tag_key_.name) {
    tagged_->PassTag();
    return Step::kPassed;
  }
  const Key* const entry = Find(keys);
  if (entry == nullptr) {
    if (tagged_ != nullptr && awaits_tag_ && tagged_->guessed_) {
      in_.Abandon();  // a key that does not fit the tag that was guessed: the guess is wrong
    } else {
      SkipUnknown();
    }
    return Step::kPassed;
  }
  entry_ = entry;
  if (!NoteField(*entry)) return Step::kPassed;
  if (!entry->takes_null && in_.ConsumeNull()) return Step::kPassed;
  if (entry->oneof != 0 && !NoteOneof(entry->oneof)) return Step::kPassed;
  return Step::kFound;
}

void ObjectReader::Restart() {
  first_ = true;
  ended_ = false;
  awaits_tag_ = true;
  entry_ = nullptr;
  seen_ = 0;
  oneofs_ = 0;
  tag_at_ = nullptr;
  if (rest_ != nullptr) DeleteRest();
  rest_ = nullptr;
}

// At the tag's value: its entry, or a failure.
const EnumName* TaggedObjectReader::ReadTag() {
  in_.SkipSpace();
  for (const EnumName& entry : tags_) {
    if (!entry.token.Match(in_.at_, in_.end_)) continue;
    in_.at_ += entry.token.bytes();
    return &entry;
  }
  const std::size_t offset = in_.Offset();
  std::string scratch;
  std::string_view value;
  if (!in_.ReadStringPiece("a string", &scratch, &value)) return nullptr;
  for (const EnumName& entry : tags_) {
    if (entry.name == value) return &entry;
  }
  in_.Fail(fmt::format("unknown {} \"{}\"", tag_key_.name, Shorten(value)), offset,
           DecodeError::Kind::kUnknownTag);
  return nullptr;
}

bool TaggedObjectReader::PassTag() {
  if (!object_.awaits_tag_) {
    in_.Fail("duplicate key", object_.key_offset_);
    return object_.Failed();
  }
  const EnumName* const tag = ReadTag();
  if (tag == nullptr) return object_.Failed();
  // Otherwise it was guessed, and reading begins again.
  if (tag != tag_) return in_.Abandon();
  object_.awaits_tag_ = false;
  return true;
}

void TaggedObjectReader::FindTag() {
  if (!object_.entered_) return;
  object_.tagged_ = this;
  if (GuessTag()) return;
  LookAhead();
}

bool TaggedObjectReader::GuessTag() {
  const Reader::Guess& guess = in_.GuessFor(tags_.data());
  if (guess.tags != tags_.data() || !guess.twice || in_.guess_bytes_ <= 0) return false;
  tag_ = guess.tag;
  guessed_ = true;
  object_.awaits_tag_ = true;
  return true;
}

// Passes over the other values in search of the tag; they are checked when they are read.
void TaggedObjectReader::LookAhead() {
  tag_ = nullptr;
  in_.at_ = start_;
  object_.Restart();
  const char* const tag_at = PassOverOthers();
  if (tag_at != nullptr) {
    object_.entry_ = &tag_key_;
    tag_ = ReadTag();
    if (tag_ == nullptr) object_.Failed();
  }
  object_.Restart();
  object_.tag_at_ = tag_at;
  object_.behind_tag_ = in_.at_;
  if (in_.failed()) return;
  in_.at_ = start_;
  if (tag_ == nullptr) return ExplainMissingTag();
  Reader::Guess& guess = in_.GuessFor(tags_.data());
  guess = {tags_.data(), tag_, guess.tags == tags_.data() && guess.tag == tag_};
}

// Moves to the tag's value, and says where its key is. Null if there is no tag, or something that is no
// object.
const char* TaggedObjectReader::PassOverOthers() {
  for (bool first = true; !in_.Consume('}'); first = false) {
    if (!first && !in_.Consume(',')) return nullptr;
    in_.SkipSpace();
    const char* const key = in_.at_;
    if (tag_key_.token.Match(key, in_.end_)) {
      in_.at_ = key + tag_key_.token.bytes();
      return key;
    }
    const char* const stop = key == in_.end_ ? key : FindSpecial(key + 1, in_.end_);
    const bool other = static_cast<std::size_t>(stop - key) != tag_key_.name.size() + 1;
    if (other && in_.end_ - stop > 1 && stop[0] == '"' && stop[1] == ':') {
      in_.at_ = stop + 2;
    } else {
      // It may be the tag's nevertheless, with escapes in it, with white space behind it, or at the very end.
      if (!object_.ReadKey()) return nullptr;
      if (object_.key_ == tag_key_.name) return key;
    }
    in_.PassOver();
  }
  return nullptr;
}

void TaggedObjectReader::ExplainMissingTag() {
  while (!in_.Consume('}')) {
    if (!object_.ReadComma() || !object_.ReadKey()) return;
    if (!in_.SkipValue()) {
      object_.Failed();
      return;
    }
  }
  in_.Fail(fmt::format("want the key \"{}\", got none", tag_key_.name),
           static_cast<std::size_t>(start_ - 1 - in_.begin_));
}

void TaggedObjectReader::ReadAgain() {
  guessed_ = false;
  // Else objects within objects could each be read twice, and the innermost ones very often.
  in_.guess_bytes_ -= std::max<std::ptrdiff_t>(in_.failed_at_ - start_, 1);
  in_.Recover();
  LookAhead();
}

bool ArrayReader::NextSlow() {
  if (!entered_ || in_.failed()) return false;
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
