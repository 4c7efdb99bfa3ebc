#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <absl/status/status.h>

#include "federation/json/scan.h"

namespace federation::json {

// How strictly a document is read. What JSON itself forbids (RFC 8259) and duplicate keys are always errors.
struct DecodeOptions {
  // Unknown keys are skipped, after their values have been checked, or refused.
  enum class UnknownKeys { kIgnore, kRefuse };
  UnknownKeys unknown_keys = UnknownKeys::kIgnore;
  // Names that an enum does not have are refused, or ignored: the field stays as it is, an element of a list
  // or an entry of a map is left out. ProtoJSON asks for the latter where a reader ignores what it does not
  // know.
  enum class UnknownEnumNames { kRefuse, kIgnore };
  UnknownEnumNames unknown_enum_names = UnknownEnumNames::kRefuse;
  // How many objects and arrays may be open at the same time.
  int depth_max = 64;
};

// Why a document could not be read, and where.
struct DecodeError {
  // What may be told apart by whoever decodes: text that is wrong, and text that a newer schema may know.
  enum class Kind { kMalformed, kUnknownKey, kUnknownEnumName, kUnknownTag };
  Kind kind = Kind::kMalformed;
  // What was wanted and what came: `want an integer, got "soon"`.
  std::string what;
  // The place in the notation of people: `strong[3].peer.id`. Empty for the document itself.
  std::string path;
  // The same place as a JSON Pointer (RFC 6901): `/strong/3/peer/id`.
  std::string pointer;
  // Where the offending value or token starts, in bytes from the start of the document.
  std::size_t offset_bytes = 0;

  // `strong[3].peer.id: want an integer, got "soon" (byte 118)`, as an invalid-argument status.
  absl::Status ToStatus() const;
};

// One key that an object may have. A field with two spellings has two entries with the same `field`.
struct Key {
  constexpr Key(std::string_view key_name, int key_field, int key_oneof = 0, bool key_takes_null = false)
      : name(key_name), field(key_field), oneof(key_oneof), takes_null(key_takes_null), ends(key_name) {}

  std::string_view name;
  // Generated code's index of the field, dense from 0.
  int field;
  // Fields with the same group of 1 or more are cases of one oneof: only one of them may occur. 0 for other
  // fields.
  int oneof;
  // Whether null is a value of the field; for other fields it means "not set".
  bool takes_null;
  // The name again, so that a document is compared with it by words.
  NameEnds ends;
};

// One value of an enum: its spelling and its number.
struct EnumName {
  std::string_view name;
  int number = 0;
};

// Reads one JSON document from front to back, without building a tree.
//
// Each Read function consumes one value and says whether it was of the wanted kind. The first failure is kept
// in `error()`; after it the reader is used up. Callers return false at once, adding their part of the path
// on the way out (ObjectReader::Failed, ArrayReader::Failed), so that success pays nothing for good messages.
//
// Borrows the document. Not thread-safe.
class Reader {
 public:
  explicit Reader(std::string_view document, const DecodeOptions& options = {});

  bool ReadString(std::string* value);
  bool ReadBytes(std::string* value);  // base64, both alphabets, with or without padding
  bool ReadBool(bool* value);
  bool ReadDouble(double* value);
  bool ReadFloat(float* value);
  // Integers are read from numbers and from strings; 1.0 and 1e3 are integers, 1.5 is not.
  bool ReadInt32(std::int32_t* value);
  bool ReadInt64(std::int64_t* value);
  bool ReadUint32(std::uint32_t* value);
  bool ReadUint64(std::uint64_t* value);
  // A name of `names`, or a number. Numbers without a name are taken when `open` (proto3), else refused.
  enum class EnumKind { kOpen, kClosed };
  bool ReadEnum(std::span<const EnumName> names, EnumKind kind, int* value);
  // Whether the latest ReadEnum passed over a name that it does not know, as UnknownEnumNames::kIgnore says;
  // to be asked before its value is used.
  bool TakeIgnored() { return std::exchange(ignored_, false); }

  // Checks one value of any kind and yields its text as it stands in the document.
  bool ReadRaw(std::string_view* text);
  // Checks one value of any kind.
  bool SkipValue();
  // Consumes `null` if it comes next.
  bool ConsumeNull();

  // Checks that nothing but white space is left. To be called last.
  bool Finish();

  bool failed() const { return failed_; }
  // Valid after a failure.
  const DecodeError& error() const { return *error_; }

  // Records a failure at `offset_bytes`; returns false, to be returned by the caller.
  bool Fail(std::string what, std::size_t offset_bytes,
            DecodeError::Kind kind = DecodeError::Kind::kMalformed);
  // Records `want <wanted>, got <the value that starts at the offset>`.
  bool FailWant(std::string_view wanted, std::size_t offset_bytes);
  // Puts a key or an index in front of the failure's path; returns false.
  bool UnderKey(std::string_view key);
  bool UnderIndex(std::size_t index);
  // The position of the next value's first byte.
  std::size_t NextOffset();

  const DecodeOptions& options() const { return options_; }

 private:
  friend class ObjectReader;
  friend class ArrayReader;
  friend class TaggedObjectReader;

  void SkipSpace();
  bool Consume(char wanted);
  // Consumes the bracket that opens an object or an array, and counts its depth.
  bool Enter(char bracket, std::string_view wanted);
  bool EnterSlow(char bracket, std::string_view wanted);
  void Leave() { --depth_; }
  bool ReadStringSlow(std::string* value);
  // A number of at most 18 digits that stands bare: most of them.
  bool ReadPlainInteger(std::int64_t* value);
  // A string's content: a piece of the document, or *scratch where it has escapes.
  bool ReadStringPiece(std::string_view wanted, std::string* scratch, std::string_view* piece);
  bool ReadEscape(std::string* value);
  bool ReadHexQuad(unsigned* code_unit);
  // The text of a number.
  bool ReadNumberToken(std::string_view wanted, std::string_view* token);
  // The text of a number that stands bare or in a string, unchecked in the latter case.
  bool ReadNumberText(std::string_view wanted, std::string* scratch, std::string_view* text);
  bool ReadSigned(std::int64_t min, std::int64_t max, std::int64_t* value);
  bool ReadUnsigned(std::uint64_t max, std::uint64_t* value);
  template <typename T>
  bool ReadFloatingPoint(T* value);
  bool SkipObject();
  bool SkipArray();
  std::size_t Offset() const { return static_cast<std::size_t>(at_ - begin_); }

  const char* begin_;
  const char* at_;
  const char* end_;
  DecodeOptions options_;
  int depth_ = 0;
  bool failed_ = false;
  bool ignored_ = false;
  std::unique_ptr<DecodeError> error_;
};

// Walks over the keys of an object.
//
//   ObjectReader object(in);
//   while (object.Next(kKeys)) {
//     switch (object.field()) {
//       case 0: if (!in.ReadString(m->mutable_text())) return object.Failed(); break;
//     }
//   }
//   return object.ok();
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

  int field() const { return field_; }
  // The current key, unescaped. Valid until the next call of Next.
  std::string_view key() const { return key_; }
  // Puts the current key into the failure's path; returns false.
  bool Failed() { return in_.UnderKey(key_); }
  // Whether the object was read to its end.
  bool ok() const { return ended_; }

 private:
  friend class TaggedObjectReader;
  // What few objects need: fields and oneofs from 64 on, unknown keys, keys with escapes.
  struct Rest;

  // Next for documents that are written in another order, or with white space, or that have null.
  bool NextSlow(std::span<const Key> keys);
  bool ReadKey();
  // The place of the current key in `keys`, or keys.size().
  std::size_t Find(std::span<const Key> keys);
  bool PassTag();
  bool NoteField(const Key& entry);
  bool NoteOneof(int oneof);
  bool SkipUnknown();
  Rest& rest();
  void DeleteRest();

  Reader& in_;
  bool entered_;
  bool first_ = true;
  bool ended_ = false;
  bool tag_passed_ = false;
  int field_ = -1;
  std::size_t expected_ = 0;  // where in the table the next key probably stands
  std::uint64_t seen_ = 0;    // fields 0 to 63
  std::uint64_t oneofs_ = 0;  // oneofs 1 to 63
  std::string_view key_;
  std::size_t key_offset_ = 0;
  std::string_view tag_key_;  // was read ahead, and is passed over
  Rest* rest_ = nullptr;
};

// Reads an object that one of its keys, the tag, gives a meaning: {"update":"typing","user_id":"u"}. The tag
// may stand at any place.
//
//   TaggedObjectReader tagged(in, "update", kTags);
//   if (!tagged.ok()) return false;
//   switch (tagged.tag()) {
//     case 0: return ReadTypingFields(tagged.object(), message->mutable_typing());
//   }
class TaggedObjectReader {
 public:
  // Fails if the value is no object, the tag is missing or no string, or its value is in no entry of `tags`.
  TaggedObjectReader(Reader& in, std::string_view tag_key, std::span<const EnumName> tags)
      : object_(in), ok_(ReadFirstTag(in, tag_key, tags) || FindTag(in, tag_key, tags)) {}

  // Whether the tag was read.
  bool ok() const { return ok_; }
  // The `number` of the entry of `tags`.
  int tag() const { return tag_; }
  // The other keys. The tag itself is not among them.
  ObjectReader& object() { return object_; }

 private:
  // Where writers put it.
  bool ReadFirstTag(Reader& in, std::string_view tag_key, std::span<const EnumName> tags);
  // At any other place. The tag decides what the other keys mean, so it is looked for first; then the object
  // is read from its start.
  bool FindTag(Reader& in, std::string_view tag_key, std::span<const EnumName> tags);
  bool FindTagFromHere(Reader& in, std::string_view tag_key, std::span<const EnumName> tags);

  int tag_ = -1;
  ObjectReader object_;
  bool ok_;
};

// Walks over the elements of an array. A null element is an error that the element's Read function reports.
//
//   ArrayReader array(in);
//   while (array.Next()) {
//     if (!in.ReadString(m->add_name())) return array.Failed();
//   }
//   if (!array.ok()) return object.Failed();
class ArrayReader {
 public:
  explicit ArrayReader(Reader& in) : in_(in), entered_(in.Enter('[', "an array")) {}
  ~ArrayReader() {
    if (entered_) in_.Leave();
  }
  ArrayReader(const ArrayReader&) = delete;
  ArrayReader& operator=(const ArrayReader&) = delete;

  bool Next();
  // The index of the current element.
  std::size_t index() const { return count_ - 1; }
  bool Failed() { return in_.UnderIndex(index()); }
  bool ok() const { return ended_; }

 private:
  bool NextSlow();

  Reader& in_;
  bool entered_;
  bool ended_ = false;
  std::size_t count_ = 0;
};

// What follows is the way of a document as writers write it: minified, keys in the schema's order, no
// escapes. It is inline, so that generated code runs through it without calls; everything else is in the
// library.

inline bool Reader::Enter(char bracket, std::string_view wanted) {
  if (at_ == end_ || *at_ != bracket || depth_ >= options_.depth_max) return EnterSlow(bracket, wanted);
  ++at_;
  ++depth_;
  return true;
}

inline bool Reader::ReadString(std::string* value) {
  if (at_ != end_ && *at_ == '"') {
    const char* const stop = FindSpecial(at_ + 1, end_);
    if (stop != end_ && *stop == '"') {
      value->assign(at_ + 1, static_cast<std::size_t>(stop - at_ - 1));
      at_ = stop + 1;
      return true;
    }
  }
  return ReadStringSlow(value);
}

inline bool Reader::ReadPlainInteger(std::int64_t* value) {
  constexpr int kDigitsMax = 18;  // any number of so many digits fits
  const char* at = at_;
  const bool negative = at != end_ && *at == '-';
  if (negative) ++at;
  const char* const digits = at;
  std::int64_t magnitude = 0;
  for (; at != end_ && static_cast<unsigned char>(*at - '0') < 10; ++at) {
    if (at - digits == kDigitsMax) return false;
    magnitude = magnitude * 10 + (*at - '0');
  }
  if (at == digits || at == end_ || *at == '.' || *at == 'e' || *at == 'E') return false;
  if (*digits == '0' && at - digits > 1) return false;
  *value = negative ? -magnitude : magnitude;
  at_ = at;
  return true;
}

inline bool Reader::ReadInt64(std::int64_t* value) {
  return ReadPlainInteger(value) || ReadSigned(std::numeric_limits<std::int64_t>::min(),
                                               std::numeric_limits<std::int64_t>::max(), value);
}

inline bool ObjectReader::Next(std::span<const Key> keys) {
  const char* at = in_.at_;
  const char* const end = in_.end_;
  if (at != end && *at == '}') {
    in_.at_ = at + 1;
    ended_ = true;
    return false;
  }
  if (expected_ >= keys.size()) return NextSlow(keys);
  const Key& entry = keys[expected_];
  const std::size_t size = entry.name.size();
  if (!first_) {
    if (at == end || *at != ',') return NextSlow(keys);
    ++at;
  }
  // The quotes, the colon, and the first byte of the value, which tells null.
  if (static_cast<std::size_t>(end - at) < size + 4 || *at != '"' || at[size + 1] != '"' ||
      at[size + 2] != ':' || at[size + 3] == 'n' || entry.field >= 64 || entry.oneof != 0 ||
      !entry.ends.Match(at + 1, static_cast<std::size_t>(end - at - 1), entry.name)) {
    return NextSlow(keys);
  }
  const std::uint64_t bit = std::uint64_t{1} << entry.field;
  if ((seen_ & bit) != 0) return NextSlow(keys);
  seen_ |= bit;
  first_ = false;
  field_ = entry.field;
  key_ = entry.name;
  ++expected_;
  in_.at_ = at + size + 3;
  return true;
}

inline bool TaggedObjectReader::ReadFirstTag(Reader& in, std::string_view tag_key,
                                             std::span<const EnumName> tags) {
  const char* const at = in.at_;
  const char* const end = in.end_;
  const std::size_t size = tag_key.size();
  if (static_cast<std::size_t>(end - at) < size + 4 || at[0] != '"' || at[size + 1] != '"' ||
      at[size + 2] != ':' || at[size + 3] != '"' || std::memcmp(at + 1, tag_key.data(), size) != 0) {
    return false;
  }
  const char* const value = at + size + 4;
  const char* const stop = FindSpecial(value, end);
  if (stop == end || *stop != '"') return false;
  const std::string_view text(value, static_cast<std::size_t>(stop - value));
  for (const EnumName& entry : tags) {
    if (entry.name != text) continue;
    in.at_ = stop + 1;
    tag_ = entry.number;
    object_.first_ = false;
    object_.tag_key_ = tag_key;
    object_.tag_passed_ = true;
    return true;
  }
  return false;
}

inline bool ArrayReader::Next() {
  const char* const at = in_.at_;
  if (at == in_.end_ || count_ == 0 || *at != ',') return NextSlow();
  in_.at_ = at + 1;
  ++count_;
  return true;
}

}  // namespace federation::json
