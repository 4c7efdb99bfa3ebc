#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "federation/json/scan.h"
#include "federation/json/status_fwd.h"

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
  // How many objects and arrays may be open at the same time. Reading recurses: each takes some of the stack.
  int depth_max = 64;
};

// Why a document could not be read, and where.
struct DecodeError {
  // What may be told apart by whoever decodes: text that is wrong, and text that a newer schema may know.
  enum class Kind { kMalformed, kUnknownKey, kUnknownEnumValue, kUnknownTag };
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

// One value of an enum: its spelling and its number.
struct EnumName {
  constexpr EnumName(std::string_view value_name, int value_number)
      : name(value_name), number(value_number), token("\"", value_name, "\"") {}

  std::string_view name;
  int number;
  // The name as it stands in a document.
  Token token;
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
  // A name of `names`, or a number. Numbers without a name are taken of open enums (proto3), else refused.
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

  // A place in front of a value.
  struct Mark {
    const char* at = nullptr;
    int depth = 0;
  };
  Mark Here() { return SkipSpace(), Mark{at_, depth_}; }
  // Forgets the failure that reading the value at `mark` led to, and yields the value's text as ReadRaw does.
  bool ReadRawAgain(const Mark& mark, std::string_view* text);

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
  // The same of a name, or a number, that an enum does not have.
  bool FailUnknownEnumValue(std::size_t offset_bytes);
  // Puts a key or an index in front of the failure's path; returns false.
  bool UnderKey(std::string_view key);
  bool UnderIndex(std::size_t index);
  // The position of the next value's first byte.
  std::size_t NextOffset();

  const DecodeOptions& options() const { return options_; }

  // A string's content: a piece of the document, or *scratch where it has escapes. `wanted` is what a value
  // that is no string is told.
  bool ReadStringPiece(std::string_view wanted, std::string* scratch, std::string_view* piece);
  // The next value's first byte, or 0 at the end.
  char NextByte() { return SkipSpace(), at_ == end_ ? '\0' : *at_; }
  // Reads the string under `key` of the object that comes next, and says where it starts; stays in front of
  // the object. False also, without a failure, if the object has no such key.
  bool PeekString(std::string_view key, std::string* value, std::size_t* offset_bytes);

 private:
  friend class ObjectReader;
  friend class ArrayReader;
  friend class MapReader;
  friend class TaggedObjectReader;

  // What a TaggedObjectReader found last for a table of tags.
  struct Guess {
    const EnumName* tags = nullptr;
    const EnumName* tag = nullptr;
    bool twice = false;  // and the time before
  };

  void SkipSpace() {
    if (at_ != end_ && static_cast<unsigned char>(*at_) <= ' ') SkipSpaceSlow();
  }
  void SkipSpaceSlow();
  bool Consume(char wanted) {
    SkipSpace();
    if (at_ == end_ || *at_ != wanted) return false;
    ++at_;
    return true;
  }
  // Passes over a value or a key without looking whether it is one: to find what stands behind it.
  void PassOver();
  // Fails without a word, to be recovered from at once.
  bool Abandon();
  void Recover();
  Guess& GuessFor(const EnumName* tags) {
    return guesses_[(reinterpret_cast<std::uintptr_t>(tags) / 64) % std::size(guesses_)];
  }
  // Consumes the bracket that opens an object or an array, and counts its depth.
  bool Enter(char bracket, std::string_view wanted);
  bool EnterSlow(char bracket, std::string_view wanted);
  void Leave() { --depth_; }
  bool ReadStringSlow(std::string* value);
  bool ReadEscapedString(std::string* value);
  // A number of at most 15 digits that stands bare: most of them.
  bool ReadPlainInteger(std::int64_t* value);
  bool ReadPlainIntegerAtEnd(std::int64_t* value);
  // The same in quotes.
  bool ReadQuotedInteger(std::int64_t* value);
  // Either one, within bounds; what is outside of them is not read.
  bool ReadSimpleInteger(std::int64_t min, std::int64_t max, std::int64_t* value);
  // A number of at most 15 digits without an exponent: its double takes one division.
  bool ReadSimpleDecimal(double* value);
  // Puts the character that the escape behind a backslash means, at most 4 bytes, and moves *to behind it.
  bool ReadEscape(char** to);
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
  Guess guesses_[4];
  // How much text may still be read twice because a guess was wrong: once all that there is.
  std::ptrdiff_t guess_bytes_;
  // How far reading had come when it failed.
  const char* failed_at_ = nullptr;
  std::unique_ptr<DecodeError> error_;
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

// What follows is the way of a document as writers write it: minified, without escapes. It is inline, so that
// generated code runs through it without calls; everything else is in the library.

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
  const char* at = at_;
  const bool negative = at != end_ && *at == '-';
  if (negative) ++at;
  // Two words of digits at most, so that any number of so many digits fits, and the text goes on behind them.
  if (end_ - at < 17) return ReadPlainIntegerAtEnd(value);
  const std::uint64_t word = LoadWord(at);
  int digits = LeadingDigits(word);
  if (digits == 0 || (*at == '0' && digits > 1)) return false;
  std::uint64_t magnitude = DigitsValue(word, digits);
  at += digits;
  if (digits == 8) {
    const std::uint64_t more = LoadWord(at);
    digits = LeadingDigits(more);
    if (digits == 8) return false;
    if (digits != 0) magnitude = magnitude * kPowersOfTen[digits] + DigitsValue(more, digits);
    at += digits;
  }
  if (*at == '.' || *at == 'e' || *at == 'E') return false;
  *value = negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
  at_ = at;
  return true;
}

inline bool Reader::ReadInt64(std::int64_t* value) {
  return ReadPlainInteger(value) || ReadQuotedInteger(value) ||
         ReadSigned(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
                    value);
}

inline bool ArrayReader::Next() {
  const char* const at = in_.at_;
  if (at == in_.end_ || !entered_) return NextSlow();
  if (*at == ']') {
    in_.at_ = at + 1;
    ended_ = true;
    return false;
  }
  if (count_ == 0 ? static_cast<unsigned char>(*at) <= ' ' : *at != ',') return NextSlow();
  in_.at_ += count_ == 0 ? 0 : 1;
  ++count_;
  return true;
}

}  // namespace federation::json
