#include "federation/json/reader.h"

#include <bit>
#include <cstring>
#include <limits>
#include <simdjson.h>
#include <utility>

#include <absl/strings/charconv.h>
#include <absl/strings/escaping.h>
#include <fmt/core.h>

#include "json/integer.h"
#include "json/key_set.h"
#include "json/text.h"
#include "json/utf8.h"

namespace federation::json {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The end of the number that starts at `from`, or `from` if it is none (RFC 8259, section 6).
const char* NumberEnd(const char* from, const char* end) {
  const char* at = from;
  if (at != end && *at == '-') ++at;
  if (at == end || !IsDigit(*at)) return from;
  if (*at == '0') {
    ++at;
  } else {
    while (at != end && IsDigit(*at)) ++at;
  }
  if (at != end && *at == '.') {
    ++at;
    if (at == end || !IsDigit(*at)) return from;
    while (at != end && IsDigit(*at)) ++at;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    if (at == end || !IsDigit(*at)) return from;
    while (at != end && IsDigit(*at)) ++at;
  }
  return at;
}

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

char* PutUtf8(unsigned code_point, char* to) {
  if (code_point < 0x80) {
    *to++ = static_cast<char>(code_point);
    return to;
  }
  if (code_point < 0x800) {
    *to++ = static_cast<char>(0xC0 | (code_point >> 6));
  } else {
    if (code_point < 0x10000) {
      *to++ = static_cast<char>(0xE0 | (code_point >> 12));
    } else {
      *to++ = static_cast<char>(0xF0 | (code_point >> 18));
      *to++ = static_cast<char>(0x80 | ((code_point >> 12) & 0x3F));
    }
    *to++ = static_cast<char>(0x80 | ((code_point >> 6) & 0x3F));
  }
  *to++ = static_cast<char>(0x80 | (code_point & 0x3F));
  return to;
}

// Copies text up to the first special byte, or as far as both ends allow. Moves both ends.
void CopyPlain(const char** from, const char* end, char** to, const char* to_end) {
  while (end - *from >= kBlockBytes && to_end - *to >= kBlockBytes) {
    const auto bits = SpecialBits(*from);
    std::memcpy(*to, *from, kBlockBytes);
    const std::ptrdiff_t plain = bits == 0 ? kBlockBytes : FirstSpecial(bits);
    *from += plain;
    *to += plain;
    if (bits != 0) return;
  }
  while (*from != end && *to < to_end && !IsSpecial(**from)) *(*to)++ = *(*from)++;
}

// Behind the string that begins at `at`; the end of the text if it has none.
const char* PassOverString(const char* at, const char* end) {
  for (at = FindSpecial(at + 1, end); at != end; at = FindSpecial(at, end)) {
    if (*at == '"') return at + 1;
    at += *at == '\\' && end - at > 1 ? 2 : 1;
  }
  return end;
}

// Where the structure of a value goes on.
const char* FindBracketOrQuote(const char* at, const char* end) {
#ifdef __SSE2__
  for (; end - at >= kBlockBytes; at += kBlockBytes) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    // Braces and brackets differ in one bit.
    const __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    const __m128i found = _mm_or_si128(
        _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
        _mm_or_si128(_mm_cmpeq_epi8(folded, _mm_set1_epi8('{')), _mm_cmpeq_epi8(folded, _mm_set1_epi8('}'))));
    const auto bits = static_cast<unsigned>(_mm_movemask_epi8(found));
    if (bits != 0) return at + std::countr_zero(bits);
  }
#endif
  while (at != end && std::strchr("\"{}[]", *at) == nullptr) ++at;
  return at;
}

constexpr std::string_view kWantInteger = "an integer";

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
  if (!simdjson::validate_utf8(document.data(), document.size())) {
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
  for (const char c : shown) {
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

bool Reader::ReadHexQuad(unsigned* code_unit) {
  if (end_ - at_ < 4) return false;
  *code_unit = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = *at_;
    unsigned digit = 0;
    if (IsDigit(c)) {
      digit = static_cast<unsigned>(c - '0');
    } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
      digit = static_cast<unsigned>((c | 0x20) - 'a') + 10;
    } else {
      return false;
    }
    *code_unit = *code_unit * 16 + digit;
  }
  return true;
}

// At the byte after the backslash.
bool Reader::ReadEscape(char** to) {
  const std::size_t start = Offset() - 1;
  if (at_ == end_) return Fail("string without an end", start);
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
  const char letter = *at_++;
  const std::size_t known = kLetters.find(letter);
  if (known != std::string_view::npos) {
    *(*to)++ = kMeant[known];
    return true;
  }
  if (letter != 'u') return Fail("invalid escape in a string", start);
  unsigned unit = 0;
  if (!ReadHexQuad(&unit)) return Fail("invalid \\u escape in a string", start);
  if (unit >= 0xDC00 && unit <= 0xDFFF) return Fail("lone surrogate in a string", start);
  if (unit >= 0xD800 && unit <= 0xDBFF) {
    unsigned low = 0;
    if (end_ - at_ < 2 || at_[0] != '\\' || at_[1] != 'u') return Fail("lone surrogate in a string", start);
    at_ += 2;
    if (!ReadHexQuad(&low)) return Fail("invalid \\u escape in a string", start);
    if (low < 0xDC00 || low > 0xDFFF) return Fail("lone surrogate in a string", start);
    unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
  }
  *to = PutUtf8(unit, *to);
  return true;
}

// At the string's first byte. Most strings fit into the buffer, so that *value is assigned once.
bool Reader::ReadEscapedString(std::string* value) {
  const std::size_t start = Offset() - 1;
  constexpr std::ptrdiff_t kCharacterBytesMax = 4;
  char buffer[512];
  char* to = buffer;
  const char* const full = buffer + sizeof buffer - kCharacterBytesMax;
  value->clear();
  while (true) {
    CopyPlain(&at_, end_, &to, full);
    if (to >= full) {
      value->append(buffer, static_cast<std::size_t>(to - buffer));
      to = buffer;
      continue;
    }
    if (at_ == end_) return Fail("string without an end", start);
    const char c = *at_++;
    if (c == '"') break;
    if (c != '\\') return Fail("control character in a string", Offset() - 1);
    if (!ReadEscape(&to)) return false;
  }
  value->append(buffer, static_cast<std::size_t>(to - buffer));
  return true;
}

bool Reader::ReadStringPiece(std::string_view wanted, std::string* scratch, std::string_view* piece) {
  if (!Consume('"')) return FailWant(wanted, Offset());
  const char* const stop = FindSpecial(at_, end_);
  if (stop != end_ && *stop == '"') {
    *piece = {at_, static_cast<std::size_t>(stop - at_)};
    at_ = stop + 1;
    return true;
  }
  if (!ReadEscapedString(scratch)) return false;
  *piece = *scratch;
  return true;
}

bool Reader::ReadStringSlow(std::string* value) {
  if (!Consume('"')) return FailWant("a string", Offset());
  return ReadEscapedString(value);
}

bool Reader::ReadBytes(std::string* value) {
  const std::size_t start = NextOffset();
  std::string scratch;
  std::string_view piece;
  if (!ReadStringPiece("base64", &scratch, &piece)) return false;
  // Abseil's decoders pass over white space, which no alphabet has (RFC 4648, section 3.3).
  const bool has_space = piece.find_first_of(" \t\r\n\v\f") != std::string_view::npos;
  const absl::string_view text(piece.data(), piece.size());
  if (has_space || !(absl::Base64Unescape(text, value) || absl::WebSafeBase64Unescape(text, value))) {
    return FailWant("base64", start);
  }
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

bool Reader::ReadNumberToken(std::string_view wanted, std::string_view* token) {
  SkipSpace();
  const char* stop = NumberEnd(at_, end_);
  if (stop == at_) return FailWant(wanted, Offset());
  *token = {at_, static_cast<std::size_t>(stop - at_)};
  at_ = stop;
  return true;
}

bool Reader::ReadNumberText(std::string_view wanted, std::string* scratch, std::string_view* text) {
  SkipSpace();
  if (at_ == end_ || *at_ != '"') return ReadNumberToken(wanted, text);
  const std::size_t start = Offset();
  if (!ReadStringPiece(wanted, scratch, text)) return false;
  if (text->empty()) return FailWant(wanted, start);
  return true;
}

bool Reader::ReadSigned(std::int64_t min, std::int64_t max, std::int64_t* value) {
  const std::size_t start = NextOffset();
  std::string scratch;
  std::string_view text;
  if (!ReadNumberText(kWantInteger, &scratch, &text)) return false;
  if (NumberEnd(text.data(), text.data() + text.size()) != text.data() + text.size()) {
    return FailWant(kWantInteger, start);
  }
  const bool negative = text.front() == '-';
  if (negative) text.remove_prefix(1);
  const std::uint64_t limit =
      negative ? std::uint64_t{0} - static_cast<std::uint64_t>(min) : static_cast<std::uint64_t>(max);
  std::uint64_t magnitude = 0;
  switch (ParseMagnitude(text, &magnitude)) {
    case IntegerText::kNotAnInteger:
      return FailWant(kWantInteger, start);
    case IntegerText::kOk:
      if (magnitude <= limit) break;
      [[fallthrough]];
    case IntegerText::kTooLarge:
      return FailWant(fmt::format("an integer from {} to {}", min, max), start);
  }
  // Unsigned negation also takes the smallest number, whose magnitude has no positive counterpart.
  *value = static_cast<std::int64_t>(negative ? std::uint64_t{0} - magnitude : magnitude);
  return true;
}

bool Reader::ReadUnsigned(std::uint64_t max, std::uint64_t* value) {
  const std::size_t start = NextOffset();
  std::string scratch;
  std::string_view text;
  if (!ReadNumberText(kWantInteger, &scratch, &text)) return false;
  if (NumberEnd(text.data(), text.data() + text.size()) != text.data() + text.size()) {
    return FailWant(kWantInteger, start);
  }
  const bool negative = text.front() == '-';
  if (negative) text.remove_prefix(1);
  const IntegerText kind = ParseMagnitude(text, value);
  if (kind == IntegerText::kNotAnInteger) return FailWant(kWantInteger, start);
  if (kind == IntegerText::kTooLarge || *value > max || (negative && *value != 0)) {
    return FailWant(fmt::format("an integer from 0 to {}", max), start);
  }
  return true;
}

// Near the end of the document, where no whole words can be looked at.
bool Reader::ReadPlainIntegerAtEnd(std::int64_t* value) {
  const char* at = at_;
  const bool negative = at != end_ && *at == '-';
  if (negative) ++at;
  const char* const digits = at;
  std::int64_t magnitude = 0;
  // Fewer digits than would overflow are left.
  for (; at != end_ && IsDigit(*at); ++at) magnitude = magnitude * 10 + (*at - '0');
  if (at == digits || at == end_ || *at == '.' || *at == 'e' || *at == 'E') return false;
  if (*digits == '0' && at - digits > 1) return false;
  *value = negative ? -magnitude : magnitude;
  at_ = at;
  return true;
}

bool Reader::ReadQuotedInteger(std::int64_t* value) {
  const char* const start = at_;
  if (at_ != end_ && *at_ == '"') {
    ++at_;
    if (ReadPlainInteger(value) && *at_ == '"') {
      ++at_;
      return true;
    }
    at_ = start;
  }
  return false;
}

bool Reader::ReadSimpleInteger(std::int64_t min, std::int64_t max, std::int64_t* value) {
  const char* const start = at_;
  if (!ReadPlainInteger(value) && !ReadQuotedInteger(value)) return false;
  if (*value >= min && *value <= max) return true;
  at_ = start;
  return false;
}

bool Reader::ReadSimpleDecimal(double* value) {
  static constexpr double kTens[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6, 1e7,
                                     1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};
  constexpr std::ptrdiff_t kDigitsMax = 15;  // all of them are below 2^53, and so exact
  const char* at = at_;
  const bool negative = at != end_ && *at == '-';
  if (negative) ++at;
  const char* const digits = at;
  std::int64_t mantissa = 0;
  for (; at != end_ && IsDigit(*at) && at - digits <= kDigitsMax; ++at)
    mantissa = mantissa * 10 + (*at - '0');
  const std::ptrdiff_t whole = at - digits;
  if (whole == 0 || (*digits == '0' && whole > 1)) return false;
  std::ptrdiff_t fraction = 0;
  if (at != end_ && *at == '.') {
    const char* const point = at++;
    for (; at != end_ && IsDigit(*at) && whole + fraction <= kDigitsMax; ++at, ++fraction) {
      mantissa = mantissa * 10 + (*at - '0');
    }
    if (at == point + 1) return false;
  }
  if (whole + fraction > kDigitsMax || at == end_ || *at == 'e' || *at == 'E') return false;
  const double magnitude = static_cast<double>(mantissa) / kTens[fraction];
  *value = negative ? -magnitude : magnitude;
  at_ = at;
  return true;
}

bool Reader::ReadInt32(std::int32_t* value) {
  constexpr std::int64_t kMin = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  std::int64_t wide = 0;
  if (!ReadSimpleInteger(kMin, kMax, &wide) && !ReadSigned(kMin, kMax, &wide)) return false;
  *value = static_cast<std::int32_t>(wide);
  return true;
}

bool Reader::ReadUint32(std::uint32_t* value) {
  constexpr std::uint32_t kMax = std::numeric_limits<std::uint32_t>::max();
  std::int64_t plain = 0;
  std::uint64_t wide = 0;
  if (ReadSimpleInteger(0, kMax, &plain)) {
    wide = static_cast<std::uint64_t>(plain);
  } else if (!ReadUnsigned(kMax, &wide)) {
    return false;
  }
  *value = static_cast<std::uint32_t>(wide);
  return true;
}

bool Reader::ReadUint64(std::uint64_t* value) {
  std::int64_t plain = 0;
  if (!ReadSimpleInteger(0, std::numeric_limits<std::int64_t>::max(), &plain)) {
    return ReadUnsigned(std::numeric_limits<std::uint64_t>::max(), value);
  }
  *value = static_cast<std::uint64_t>(plain);
  return true;
}

template <typename T>
bool Reader::ReadFloatingPoint(T* value) {
  const std::size_t start = NextOffset();
  std::string scratch;
  std::string_view text;
  if (!ReadNumberText("a number", &scratch, &text)) return false;
  if (begin_[start] == '"') {
    using Limits = std::numeric_limits<T>;
    if (text == "NaN") return *value = Limits::quiet_NaN(), true;
    if (text == "Infinity") return *value = Limits::infinity(), true;
    if (text == "-Infinity") return *value = -Limits::infinity(), true;
  }
  const char* stop = text.data() + text.size();
  if (NumberEnd(text.data(), stop) != stop) return FailWant("a number", start);
  const absl::from_chars_result result = absl::from_chars(text.data(), stop, *value);
  // Too small a number becomes the nearest one, which may be zero; too large a number has none.
  if (result.ec == std::errc::result_out_of_range && (*value > T{1} || *value < T{-1})) {
    return FailWant(sizeof(T) == 4 ? "a number that a float holds" : "a number that a double holds", start);
  }
  return true;
}

bool Reader::ReadDouble(double* value) { return ReadSimpleDecimal(value) || ReadFloatingPoint(value); }
bool Reader::ReadFloat(float* value) { return ReadFloatingPoint(value); }

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
    return FailWant("an enum value", start);
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
  return Fail(fmt::format("want an enum value, got {}", Describe(begin_ + start, end_)), start,
              DecodeError::Kind::kUnknownEnumName);
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
  const char* at = at_;
  int depth = 0;
  while (at != end_) {
    if (*at == '"') {
      at = PassOverString(at, end_);
    } else if (*at == '{' || *at == '[') {
      ++depth;
      ++at;
    } else if (*at == '}' || *at == ']') {
      if (depth == 0) break;
      --depth;
      ++at;
    } else if (depth == 0 && (*at == ',' || *at == ':')) {
      break;
    } else {
      ++at;
      continue;
    }
    if (depth == 0) break;
    at = FindBracketOrQuote(at, end_);
  }
  at_ = at;
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
