#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "federation/json/reader.h"
#include "federation/json/scan.h"

// Objects whose keys a schema fixes.
namespace federation::json {

// One key that an object may have. A field with two spellings has two entries with the same `field`.
struct Key {
  constexpr Key(std::string_view key_name, int key_field, int key_oneof = 0, bool key_takes_null = false)
      : name(key_name),
        field(key_field),
        oneof(key_oneof),
        takes_null(key_takes_null),
        token("\"", key_name, "\":") {
    if (key_field >= 64 || key_oneof >= 64) return;
    field_bit = std::uint64_t{1} << key_field;
    if (key_oneof != 0) oneof_bit = std::uint64_t{1} << key_oneof;
  }

  std::string_view name;
  // Generated code's index of the field, dense from 0.
  int field;
  // Fields with the same group of 1 or more are cases of one oneof: only one of them may occur. 0 for other
  // fields.
  int oneof;
  // Whether null is a value of the field; for other fields it means "not set".
  bool takes_null;
  // The two as bits, if both are below 64.
  std::uint64_t field_bit = 0;
  std::uint64_t oneof_bit = 0;
  // The name as it stands in a document.
  Token token;
};

class TaggedObjectReader;

// Walks over the keys of an object, which may stand in any order.
//
//   ObjectReader object(in);
//   while (object.Next(kKeys)) {
//     switch (object.field()) {
//       case 0:
//         if (!in.ReadString(m->mutable_text())) return object.Failed();
//         if (!object.Follows(kKeys[1])) break;
//         [[fallthrough]];
//       case 1:
//         if (!in.ReadBool(...)) ...
//         break;
//     }
//   }
//   return object.ok();
//
// Writers keep to the order of the schema, so each field asks for the next one before the loop looks for any.
//
// Next() skips unknown keys (or refuses them), and known keys whose value is null: ProtoJSON reads null as
// "not set". It refuses a key that stands twice and a second case of a oneof.
class ObjectReader {
 public:
  explicit ObjectReader(Reader& in) : in_(in), entered_(in.Enter('{', "an object")) {}
  ~ObjectReader() {
    if (entered_) in_.Leave();
    if (rest_ != nullptr) DeleteRest();
  }
  ObjectReader(const ObjectReader&) = delete;
  ObjectReader& operator=(const ObjectReader&) = delete;

  // Moves to the next key of `keys`, which is the same table at every call.
  bool Next(std::span<const Key> keys);
  // Moves to the next key if it is `key`, an entry of the table that Next is called with; else stays. May say
  // no to a key that Next finds.
  bool Follows(const Key& key);

  // Of the current key.
  int field() const { return entry_->field; }
  // The current key, unescaped. Valid until the next call of Next.
  std::string_view key() const { return entry_ == nullptr ? key_ : entry_->name; }
  // Puts the current key into the failure's path; returns false.
  bool Failed();
  // Records that the object has ended without a key that it must have; returns false.
  bool FailMissing(std::string_view key);
  // Whether the object was read to its end.
  bool ok() const { return ended_; }

 private:
  friend class TaggedObjectReader;
  // What few objects need: fields and oneofs from 64 on, unknown keys, keys with escapes.
  struct Rest;

  // Takes the key at `at`, if it is `key`, fresh, and not null.
  bool Take(const Key& key, const char* at);
  // The same for a key that is known to be `key`.
  bool TakeValue(const Key& key, const char* at);
  // Next for documents that are written in another order.
  bool NextInAnyOrder(std::span<const Key> keys);
  // The two at the tag: where it was looked for, and where it was guessed.
  bool NextBehindTag(std::span<const Key> keys);
  bool NextBehindGuessedTag(std::span<const Key> keys, const char* at);
  // Next for all documents.
  bool NextSlow(std::span<const Key> keys);
  enum class Step { kFound, kPassed };
  // Any key at all.
  Step NextOther(std::span<const Key> keys);
  // Reads a comma, if one must come.
  bool ReadComma();
  // Reads a key and its colon.
  bool ReadKey();
  // The entry of the current key, or null.
  const Key* Find(std::span<const Key> keys) const;
  bool NoteField(const Key& entry);
  bool NoteOneof(int oneof);
  bool SkipUnknown();
  // Makes ready to read the object again from its start.
  void Restart();
  Rest& rest();
  void DeleteRest();

  Reader& in_;
  bool entered_;
  bool first_ = true;
  bool ended_ = false;
  bool awaits_tag_ = false;  // the tag is not confirmed: the object must not end yet
  const Key* entry_ = nullptr;
  std::uint64_t seen_ = 0;    // fields 0 to 63
  std::uint64_t oneofs_ = 0;  // oneofs 1 to 63
  TaggedObjectReader* tagged_ = nullptr;
  // Where the tag stands that was looked for, and what is behind it.
  const char* tag_at_ = nullptr;
  const char* behind_tag_ = nullptr;
  Rest* rest_ = nullptr;
  // Of a key that is in no table, or that was not read by its entry.
  std::string_view key_;
  std::size_t key_offset_ = 0;
};

// Reads an object that one of its keys, the tag, gives a meaning: {"update":"typing","user_id":"u"}. The tag
// may stand at any place.
//
//   TaggedObjectReader tagged(in, kTagKey, kTags);
//   bool read = false;
//   do {
//     switch (tagged.tag()) {
//       case 0:
//         read = ReadFields(in, tagged.object(), message->mutable_typing());
//         break;
//       default:
//         return false;
//     }
//   } while (tagged.Again(read, message));
//   return read;
//
// The tag decides what the other keys mean. Where it does not come first it is looked for first; but where
// the last two such objects had the same tag it is taken to be that one, and the object is read once more if
// that proves to be wrong.
class TaggedObjectReader {
 public:
  // `tag_key` is an entry that nothing else uses, with field 0.
  TaggedObjectReader(Reader& in, const Key& tag_key, std::span<const EnumName> tags)
      : in_(in), tag_key_(tag_key), tags_(tags), object_(in), start_(in.at_) {
    if (!ReadFirstTag()) FindTag();
  }
  TaggedObjectReader(const TaggedObjectReader&) = delete;
  TaggedObjectReader& operator=(const TaggedObjectReader&) = delete;

  // The `number` of the tag's entry; kNoTag if reading has failed: the value is no object, the tag is missing
  // or no string, or stands in no entry of `tags`.
  int tag() const { return tag_ == nullptr ? kNoTag : tag_->number; }
  static constexpr int kNoTag = -1;
  // The other keys. The tag itself is not among them.
  ObjectReader& object() { return object_; }
  // To be called with what reading the other keys came to: whether they are to be read again, for another
  // tag. *message is cleared then of what was read.
  template <typename M>
  bool Again(bool read, M* message) {
    if (read || !guessed_) return false;
    message->Clear();
    ReadAgain();
    return true;
  }

 private:
  friend class ObjectReader;

  // Where writers put it.
  bool ReadFirstTag();
  // At any other place.
  void FindTag();
  bool GuessTag();
  void LookAhead();
  const char* PassOverOthers();
  // The same, and says what is wrong.
  void ExplainMissingTag();
  void ReadAgain();
  // Called by `object_` at the tag.
  bool PassTag();
  const EnumName* ReadTag();

  Reader& in_;
  const Key& tag_key_;
  std::span<const EnumName> tags_;
  const EnumName* tag_ = nullptr;
  ObjectReader object_;
  const char* start_;
  bool guessed_ = false;
};

inline bool ObjectReader::Take(const Key& key, const char* at) {
  return key.token.Match(at, in_.end_) && TakeValue(key, at);
}

inline bool ObjectReader::TakeValue(const Key& key, const char* at) {
  const char* const value = at + key.token.bytes();
  // Null may stand behind white space.
  if (value == in_.end_ || *value == 'n' || static_cast<unsigned char>(*value) <= ' ') return false;
  if (key.field_bit == 0 || (seen_ & key.field_bit) != 0 || (oneofs_ & key.oneof_bit) != 0) return false;
  seen_ |= key.field_bit;
  oneofs_ |= key.oneof_bit;
  entry_ = &key;
  in_.at_ = value;
  return true;
}

inline bool ObjectReader::Follows(const Key& key) {
  const char* const at = in_.at_;
  return at != in_.end_ && *at == ',' && Take(key, at + 1);
}

inline bool ObjectReader::Next(std::span<const Key> keys) {
  const char* const at = in_.at_;
  if (at != in_.end_) {
    if (*at == '}' && !awaits_tag_) {
      in_.at_ = at + 1;
      ended_ = true;
      return false;
    }
    if (seen_ == 0 && !keys.empty()) {
      if (first_ && Take(keys[0], at)) {
        first_ = false;
        return true;
      }
      if (!first_ && Follows(keys[0])) return true;
    }
  }
  return NextInAnyOrder(keys);
}

inline bool TaggedObjectReader::ReadFirstTag() {
  const char* const end = in_.end_;
  if (!tag_key_.token.Match(start_, end)) return false;
  const char* const value = start_ + tag_key_.token.bytes();
  if (end - value < 8) return false;
  const std::uint64_t word = LoadWord(value);
  for (const EnumName& entry : tags_) {
    if (!entry.token.Begins(word) || !entry.token.Match(value, end)) continue;
    in_.at_ = value + entry.token.bytes();
    tag_ = &entry;
    object_.first_ = false;
    object_.tagged_ = this;
    return true;
  }
  return false;
}

}  // namespace federation::json
