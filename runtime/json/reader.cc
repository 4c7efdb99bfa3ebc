// Whatever is no matter of one kind of value: white space, failures, passing over values.
#include "federation/json/reader.h"

#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include <absl/status/status.h>
#include <fmt/core.h>

#include "federation/json/scan.h"

#include "json/key_set.h"
#include "json/text.h"
#include "json/utf8.h"

namespace federation::json {
namespace {

// What an error says of the value that starts at `from`.
std::string Describe(const char* from, const char* end) {
  if (from == end) return "the end of the document";
  switch (*from) {
    case '{':
      return "an object";
    case '[':
      return "an array";
    case '"': {
      const char* close = from + 1;
      while (close != end && *close != '"') close += (*close == '\\' && end - close > 1) ? 2 : 1;
      const std::string_view content(from + 1, static_cast<std::size_t>(close - from - 1));
      return fmt::format("\"{}\"", Shorten(content));
    }
    default: {
      const char* stop = from;
      while (stop != end && std::strchr(" \t\r\n,:{}[]\"", *stop) == nullptr) ++stop;
      if (stop == from) ++stop;
      return Shorten({from, static_cast<std::size_t>(stop - from)});
    }
  }
}

// Behind the string that begins at `at`; the end of the text if it has none.
const char* PassOverString(const char* at, const char* end) {
  for (at = FindSpecial(at + 1, end); at != end; at = FindSpecial(at, end)) {
    if (*at == '"') return at + 1;
    at += *at == '\\' && end - at > 1 ? 2 : 1;
  }
  return end;
}

// Finds the end of an object or an array: counts brackets, but for those in strings.
class BracketCounter {
 public:
  // Looks at one byte.
  void Look(char c) {
    if (escaped_) {
      escaped_ = false;
    } else if (in_string_) {
      in_string_ = c != '"';
      escaped_ = c == '\\';
    } else if (c == '"') {
      in_string_ = true;
    } else {
      Count(c);
    }
  }
  // Looks at a block. Returns where the object or array ends in it; null if it does not.
  const char* LookAtBlock(const char* block) {
#ifdef __SSE2__
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block));
    if (!escaped_ && Mask(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))) == 0) {
      // Every bit is the parity of the quotes up to it: whether it is in a string.
      unsigned inside = Mask(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
      for (const int shift : {1, 2, 4, 8}) inside ^= inside << shift;
      if (in_string_) inside = ~inside;
      // Braces and brackets differ in one bit.
      const __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
      unsigned brackets = ~inside & Mask(_mm_or_si128(_mm_cmpeq_epi8(folded, _mm_set1_epi8('{')),
                                                      _mm_cmpeq_epi8(folded, _mm_set1_epi8('}'))));
      for (; brackets != 0; brackets &= brackets - 1) {
        const char* const at = block + std::countr_zero(brackets);
        Count(*at);
        if (ended()) return at + 1;
      }
      in_string_ = (inside >> (kBlockBytes - 1) & 1) != 0;
      return nullptr;
    }
#endif
    for (const char* at = block; at != block + kBlockBytes; ++at) {
      Look(*at);
      if (ended()) return at + 1;
    }
    return nullptr;
  }
  bool ended() const { return depth_ == 0; }

 private:
#ifdef __SSE2__
  static unsigned Mask(__m128i bytes) { return static_cast<unsigned>(_mm_movemask_epi8(bytes)); }
#endif
  void Count(char c) {
    if (c == '{' || c == '[') ++depth_;
    if (c == '}' || c == ']') --depth_;
  }

  int depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
};

// Behind the object or the array that begins at `at`; what is none ends somewhere.
const char* PassOverBrackets(const char* at, const char* end) {
  BracketCounter counter;
  for (; end - at >= kBlockBytes; at += kBlockBytes) {
    if (const char* const behind = counter.LookAtBlock(at)) return behind;
  }
  for (; at != end; ++at) {
    counter.Look(*at);
    if (counter.ended()) return at + 1;
  }
  return end;
}

}  // namespace

absl::Status DecodeError::ToStatus() const {
  return absl::InvalidArgumentError(
      fmt::format("{}{}{} (byte {})", path, path.empty() ? "" : ": ", what, offset_bytes));
}

Reader::Reader(std::string_view document, const DecodeOptions& options)
    : begin_(document.data()),
      at_(begin_),
      end_(begin_ + document.size()),
      options_(options),
      guess_bytes_(static_cast<std::ptrdiff_t>(document.size())) {
  // Once for the whole document, and fast: afterwards every string is a plain copy.
  if (!IsUtf8(document)) {
    Fail("invalid UTF-8", FindInvalidUtf8(document));
  }
}

bool Reader::Fail(std::string what, std::size_t offset_bytes, DecodeError::Kind kind) {
  if (!failed_) {
    failed_ = true;
    error_ = std::make_unique<DecodeError>();
    error_->kind = kind;
    error_->what = std::move(what);
    error_->offset_bytes = offset_bytes;
    failed_at_ = at_;
    at_ = end_;
  }
  return false;
}

bool Reader::FailWant(std::string_view wanted, std::size_t offset_bytes) {
  if (failed_) return false;
  return Fail(fmt::format("want {}, got {}", wanted, Describe(begin_ + offset_bytes, end_)), offset_bytes);
}

bool Reader::Abandon() {
  failed_ = true;
  failed_at_ = at_;
  at_ = end_;
  return false;
}

void Reader::Recover() {
  failed_ = false;
  error_.reset();
}

bool Reader::UnderKey(std::string_view key) {
  if (error_ == nullptr) return false;  // abandoned
  const std::string shown = Shorten(key);
  const bool joins = !error_->path.empty() && error_->path.front() != '[';
  error_->path = fmt::format("{}{}{}", shown, joins ? "." : "", error_->path);
  std::string escaped;  // RFC 6901, section 3
  for (const char c : key) {
    if (c == '~') {
      escaped += "~0";
    } else if (c == '/') {
      escaped += "~1";
    } else {
      escaped += c;
    }
  }
  error_->pointer = fmt::format("/{}{}", escaped, error_->pointer);
  return false;
}

bool Reader::UnderIndex(std::size_t index) {
  if (error_ == nullptr) return false;  // abandoned
  const bool joins = !error_->path.empty() && error_->path.front() != '[';
  error_->path = fmt::format("[{}]{}{}", index, joins ? "." : "", error_->path);
  error_->pointer = fmt::format("/{}{}", index, error_->pointer);
  return false;
}

void Reader::SkipSpaceSlow() {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
}

std::size_t Reader::NextOffset() {
  SkipSpace();
  return Offset();
}

bool Reader::EnterSlow(char bracket, std::string_view wanted) {
  if (!Consume(bracket)) return FailWant(wanted, Offset());
  if (depth_ >= options_.depth_max) {
    return Fail(fmt::format("nested deeper than {}", options_.depth_max), Offset() - 1);
  }
  ++depth_;
  return true;
}

bool Reader::ReadBool(bool* value) {
  SkipSpace();
  const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
  if (rest.starts_with("true")) {
    *value = true;
    at_ += 4;
    return true;
  }
  if (rest.starts_with("false")) {
    *value = false;
    at_ += 5;
    return true;
  }
  return FailWant("true or false", Offset());
}

bool Reader::ConsumeNull() {
  SkipSpace();
  if (end_ - at_ < 4 || std::memcmp(at_, "null", 4) != 0) return false;
  at_ += 4;
  return true;
}

bool Reader::ReadEnum(std::span<const EnumName> names, EnumKind kind, int* value) {
  for (const EnumName& entry : names) {
    if (!entry.token.Match(at_, end_)) continue;
    at_ += entry.token.bytes();
    *value = entry.number;
    return true;
  }
  const std::size_t start = NextOffset();
  if (at_ == end_ || *at_ != '"') {
    std::int64_t number = 0;
    if (at_ == end_ || (*at_ != '-' && !IsDigit(*at_))) return FailWant("an enum value", start);
    if (!ReadSigned(std::numeric_limits<int>::min(), std::numeric_limits<int>::max(), &number)) return false;
    *value = static_cast<int>(number);
    if (kind == EnumKind::kOpen) return true;
    for (const EnumName& entry : names) {
      if (entry.number == *value) return true;
    }
    return FailUnknownEnumValue(start);
  }
  std::string scratch;
  std::string_view text;
  if (!ReadStringPiece("an enum value", &scratch, &text)) return false;
  for (const EnumName& entry : names) {
    if (entry.name == text) {
      *value = entry.number;
      return true;
    }
  }
  if (options_.unknown_enum_names == DecodeOptions::UnknownEnumNames::kIgnore) return ignored_ = true;
  return FailUnknownEnumValue(start);
}

bool Reader::FailUnknownEnumValue(std::size_t offset_bytes) {
  return Fail(fmt::format("want an enum value, got {}", Describe(begin_ + offset_bytes, end_)), offset_bytes,
              DecodeError::Kind::kUnknownEnumValue);
}

bool Reader::SkipObject() {
  if (!Enter('{', "an object")) return false;
  KeySet keys;
  std::string scratch;
  for (bool first = true; !Consume('}'); first = false) {
    if (!first && !Consume(',')) return FailWant("a comma or the end of the object", Offset());
    const std::size_t start = NextOffset();
    std::string_view key;
    if (!ReadStringPiece("a key", &scratch, &key)) return false;
    if (!keys.Insert(key, key.data() != scratch.data())) {
      Fail("duplicate key", start);
      return UnderKey(key);
    }
    if (!Consume(':')) return FailWant("a colon", Offset());
    // The scratch is used again inside: a key with escapes is kept for the error's path.
    const std::string kept = key.data() == scratch.data() ? scratch : std::string();
    if (!SkipValue()) return UnderKey(kept.empty() ? key : std::string_view(kept));
  }
  Leave();
  return true;
}

bool Reader::SkipArray() {
  if (!Enter('[', "an array")) return false;
  std::size_t index = 0;
  for (; !Consume(']'); ++index) {
    if (index != 0 && !Consume(',')) return FailWant("a comma or the end of the array", Offset());
    if (!SkipValue()) return UnderIndex(index);
  }
  Leave();
  return true;
}

bool Reader::SkipValue() {
  SkipSpace();
  switch (at_ == end_ ? '\0' : *at_) {
    case '{':
      return SkipObject();
    case '[':
      return SkipArray();
    case '"': {
      std::string scratch;
      std::string_view piece;
      return ReadStringPiece("a value", &scratch, &piece);
    }
    case 't':
    case 'f': {
      bool ignored = false;
      return ReadBool(&ignored);
    }
    case 'n':
      return ConsumeNull() || FailWant("a value", Offset());
    default: {
      std::string_view token;
      return ReadNumberToken("a value", &token);
    }
  }
}

void Reader::PassOver() {
  SkipSpace();
  if (at_ == end_) return;
  if (*at_ == '"') {
    at_ = PassOverString(at_, end_);
  } else if (*at_ == '{' || *at_ == '[') {
    at_ = PassOverBrackets(at_, end_);
  } else {
    while (at_ != end_ && std::strchr(",:]}\"{[", *at_) == nullptr) ++at_;
  }
}

bool Reader::ReadRaw(std::string_view* text) {
  const std::size_t start = NextOffset();
  if (!SkipValue()) return false;
  *text = {begin_ + start, Offset() - start};
  return true;
}

bool Reader::ReadRawAgain(const Mark& mark, std::string_view* text) {
  Recover();
  at_ = mark.at;
  // Objects that are still being left count their levels themselves.
  const int depth = std::exchange(depth_, mark.depth);
  const bool read = ReadRaw(text);
  depth_ = depth;
  return read;
}

bool Reader::Finish() {
  if (failed_) return false;
  SkipSpace();
  if (at_ != end_) return FailWant("the end of the document", Offset());
  return true;
}

}  // namespace federation::json
