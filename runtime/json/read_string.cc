// The strings of a document, and base64 in them.
#include <cstring>
#include <string>
#include <string_view>

#include <absl/strings/escaping.h>

#include "federation/json/reader.h"
#include "federation/json/scan.h"

namespace federation::json {
namespace {

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

}  // namespace

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
  // Abseil's decoders pass over white space, which no alphabet has, and take dots for padding (RFC 4648,
  // sections 3.2 and 3.3).
  const bool has_other = piece.find_first_of(" \t\r\n\v\f.") != std::string_view::npos;
  const absl::string_view text(piece.data(), piece.size());
  if (has_other || !(absl::Base64Unescape(text, value) || absl::WebSafeBase64Unescape(text, value))) {
    return FailWant("base64", start);
  }
  return true;
}

}  // namespace federation::json
