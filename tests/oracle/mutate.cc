#include "oracle/mutate.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace oracle {
namespace {

// A piece of a document: a string with its quotes, a number, a literal, or one byte of punctuation.
struct Token {
  std::size_t begin = 0;
  std::size_t size = 0;
};

std::size_t StringEnd(std::string_view json, std::size_t begin) {
  std::size_t at = begin + 1;
  while (at < json.size() && json[at] != '"') at += json[at] == '\\' ? 2 : 1;
  return std::min(at + 1, json.size());
}

// Never fails: what is no token of JSON becomes a token, too.
std::vector<Token> Tokenize(std::string_view json) {
  std::vector<Token> tokens;
  std::size_t at = 0;
  while (at < json.size()) {
    if (std::strchr(" \t\r\n", json[at]) != nullptr) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    if (json[at] == '"') {
      end = StringEnd(json, at);
    } else if (std::strchr("{}[],:", json[at]) == nullptr) {
      while (end < json.size() && std::strchr("{}[],:\" \t\r\n", json[end]) == nullptr) ++end;
    }
    tokens.push_back({at, end - at});
    at = end;
  }
  return tokens;
}

// What a value or a key may be replaced by.
constexpr std::string_view kTokens[] = {
    "null",
    "true",
    "false",
    "0",
    "-0",
    "0.0",
    "-0.0",
    "1",
    "-1",
    "1.0",
    "1.5",
    "1e3",
    "1E+3",
    "100e-2",
    "1e-1",
    "-1e0",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "18446744073709551616",
    "9223372036854775807.0",
    "1e19",
    "1e400",
    "-1e400",
    "1e-400",
    "3.4028235e38",
    "3.4028236e38",
    "3.5e38",
    "1.17549421e-38",
    "1.7976931348623157e308",
    "1.8e308",
    "5e-324",
    "2.4703282292062327e-324",
    "0.1",
    "16777217",
    "1.00000017881393432617187499",
    "123456789012345678901234567890",
    "01",
    "-01",
    "+1",
    ".5",
    "5.",
    "1e",
    "0x10",
    "- 1",
    "NaN",
    "Infinity",
    "-Infinity",
    "True",
    "nul",
    "nulls",
    "'a'",
    "a",
    R"("")",
    R"("true")",
    R"("false")",
    R"("1")",
    R"("-1")",
    R"("-0")",
    R"("1.0")",
    R"("1e3")",
    R"("1.5")",
    R"(" 1")",
    R"("1 ")",
    R"("+1")",
    R"("01")",
    R"("0x1F")",
    R"(".5")",
    R"("5.")",
    R"("1e")",
    R"("1f")",
    R"("nan")",
    R"("inf")",
    R"("NaN")",
    R"("Infinity")",
    R"("-Infinity")",
    R"("9223372036854775808")",
    R"("18446744073709551616")",
    R"("1e19")",
    R"("1e400")",
    R"("\u0031")",
    R"("3x3")",
    R"("SHADE_DARK")",
    R"("SHADE_DIM")",
    R"("shade_dark")",
    R"("SHADE_NEW")",
    R"("MOOD_DARK")",
    R"("NULL_VALUE")",
    R"("1")",
    R"("AQI=")",
    R"("AQI")",
    R"("AQI==")",
    R"("-_")",
    R"("+/")",
    R"("-/")",
    R"("A")",
    R"("AQ I=")",
    R"("=")",
    R"("\ud83d\ude01")",
    R"("\ud83d")",
    R"("\ude01")",
    R"("\ude01\ud83d")",
    R"("\u00e9")",
    R"("\u0000")",
    R"("\x")",
    R"("\u12")",
    "\"\t\"",
    "\"\x7F\"",
    "\"\xC3\"",
    "\"\xED\xA0\x80\"",
    R"("1970-01-01T00:00:00Z")",
    R"("1970-01-01T00:00:00.1Z")",
    R"("1970-01-01T00:00:00+23:59")",
    R"("1970-01-01T00:00:00-00:00")",
    R"("1970-01-01T00:00:00+0100")",
    R"("1970-01-01t00:00:00z")",
    R"("1970-01-01 00:00:00Z")",
    R"("1970-02-30T00:00:00Z")",
    R"("1970-01-01T24:00:00Z")",
    R"("1970-01-01T23:59:60Z")",
    R"("0000-12-31T23:59:59Z")",
    R"("9999-12-31T23:59:59.999999999Z")",
    R"("10000-01-01T00:00:00Z")",
    R"("1970-01-01T00:00:00.1234567890Z")",
    R"("1s")",
    R"("-1s")",
    R"("-0.5s")",
    R"("-0s")",
    R"("0.000000001s")",
    R"("1.0000000001s")",
    R"("1.s")",
    R"(".5s")",
    R"("+1s")",
    R"("1S")",
    R"("s")",
    R"("315576000000.999999999s")",
    R"("315576000001s")",
    R"("1.5")",
    R"("a,bC")",
    R"("a_b")",
    R"("aB.cD")",
    R"(",")",
    R"("a,")",
    R"("A")",
    R"("a1B")",
    "{}",
    "[]",
    "[null]",
    "[1]",
    R"({"a":1})",
    R"({"a":1,"a":2})",
    R"({"@type":""})",
    R"({"@type":"type.googleapis.com/oracle.Leaf","size":1})",
    R"({"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"})",
    R"({"@type":"type.googleapis.com/google.protobuf.Empty"})",
    R"({"@type":"type.googleapis.com/google.protobuf.Empty","value":{}})",
    R"({"@type":"type.googleapis.com/oracle.Nothing"})",
    R"({"@type":"oracle.Leaf"})",
    R"({"size":1})",
    R"({"1":1})",
    R"({"true":{}})",
    R"({"01":1})",
    R"({"1.0":1})",
    R"({"1e0":1})",
    "{1:1}",
    "{a:1}",
    "{'a':1}",
    "[1,]",
    R"({"a":1,})",
    "[,]",
    "/**/",
    "//\n",
    "\"\\u0022\"",
    "[[[[[[[[[[[[1]]]]]]]]]]]]"};

// Keys of the schema in other spellings, and unknown ones.
constexpr std::string_view kKeys[] = {R"("an_int32")", R"("anInt32")", R"("AnInt32")",      R"("a_string")",
                                      R"("unknown")",  R"("shade")",   R"("leaf")",         R"("value")",
                                      R"("@type")",    R"("size")",    R"("anIn\u007432")", R"("null_value")",
                                      R"("children")", R"("")"};

// A piece of text with one change at random.
class Mutation {
 public:
  Mutation(std::string json, Random& random) : json_(std::move(json)), random_(random) {}

  void Apply() {
    switch (random_.Below(13)) {
      case 0:
        return ReplaceByte();
      case 1:
        return InsertByte();
      case 2:
        return RemoveByte();
      case 3:
        return SwapTokens();
      case 4:
        return DoubleToken();
      case 5:
        return RemoveToken();
      case 6:
      case 7:
        return ReplaceToken();
      case 8:
        return DoubleMember();
      case 9:
        return InsertSpace();
      case 10:
        return EscapeCharacter();
      case 11:
        return Deepen();
      default:
        return Truncate();
    }
  }

  std::string Take() { return std::move(json_); }

 private:
  char RandomByte() {
    constexpr char kBytes[] = {'"', '\\', '{', '}',  '[', ']',  ',',  ':',    '0',    '-',    '.',    'e',
                               ' ', 'n',  'x', '\'', '/', '\0', '\n', '\x1F', '\x7F', '\x80', '\xC3', '\xFF'};
    return random_.OneIn(4) ? static_cast<char>(random_.Bits()) : random_.Pick(kBytes);
  }
  std::size_t Position() { return random_.Below(json_.size() + 1); }

  void ReplaceByte() {
    if (!json_.empty()) json_[random_.Below(json_.size())] = RandomByte();
  }
  void InsertByte() { json_.insert(Position(), 1, RandomByte()); }
  void RemoveByte() {
    if (!json_.empty()) json_.erase(random_.Below(json_.size()), 1);
  }

  Token PickToken(const std::vector<Token>& tokens) { return tokens[random_.Below(tokens.size())]; }
  std::string Text(Token token) const { return json_.substr(token.begin, token.size); }
  void Replace(Token token, std::string_view text) { json_.replace(token.begin, token.size, text); }

  void SwapTokens() {
    const std::vector<Token> tokens = Tokenize(json_);
    if (tokens.empty()) return;
    Token first = PickToken(tokens);
    Token second = PickToken(tokens);
    if (first.begin == second.begin) return;
    if (first.begin > second.begin) std::swap(first, second);
    // From the back, so that the place of the first one stays.
    const std::string text = Text(first);
    const std::string other = Text(second);
    Replace(second, text);
    Replace(first, other);
  }
  void DoubleToken() {
    const std::vector<Token> tokens = Tokenize(json_);
    if (tokens.empty()) return;
    const Token token = PickToken(tokens);
    json_.insert(token.begin, Text(token));
  }
  void RemoveToken() {
    const std::vector<Token> tokens = Tokenize(json_);
    if (!tokens.empty()) Replace(PickToken(tokens), "");
  }
  void ReplaceToken() {
    const std::vector<Token> tokens = Tokenize(json_);
    if (tokens.empty()) return;
    const std::size_t index = random_.Below(tokens.size());
    const bool is_key = index + 1 < tokens.size() && Text(tokens[index + 1]) == ":";
    // Punctuation in place of a value seldom leaves a document, and the other way round.
    if (tokens[index].size == 1 && std::strchr("{}[],:", json_[tokens[index].begin]) != nullptr &&
        !random_.OneIn(8)) {
      return;
    }
    if (!is_key && random_.OneIn(8)) return Replace(tokens[index], "null");
    Replace(tokens[index], is_key && !random_.OneIn(4) ? random_.Pick(kKeys) : random_.Pick(kTokens));
  }
  // "k":v becomes "k":v,"k":v for a v of one token, in the same object or as another one's.
  void DoubleMember() {
    const std::vector<Token> tokens = Tokenize(json_);
    if (tokens.size() < 4) return;
    const std::size_t start = random_.Below(tokens.size());
    for (std::size_t i = start; i + 2 < tokens.size(); ++i) {
      if (Text(tokens[i + 1]) != ":" || std::strchr("{[", json_[tokens[i + 2].begin]) != nullptr) continue;
      const std::string member =
          json_.substr(tokens[i].begin, tokens[i + 2].begin + tokens[i + 2].size - tokens[i].begin);
      json_.insert(tokens[i].begin, member + ",");
      return;
    }
  }
  void InsertSpace() {
    const std::vector<Token> tokens = Tokenize(json_);
    constexpr std::string_view kSpaces[] = {" ", "\n", "\r\n", "\t", "   ", "\f", "\v", "\xC2\xA0"};
    if (!tokens.empty()) json_.insert(PickToken(tokens).begin, random_.Pick(kSpaces));
  }
  // A character of a string in its \u spelling: mostly the same string.
  void EscapeCharacter() {
    const std::vector<Token> tokens = Tokenize(json_);
    if (tokens.empty()) return;
    const Token token = PickToken(tokens);
    if (token.size < 3 || json_[token.begin] != '"') return;
    std::size_t at = token.begin + 1 + random_.Below(token.size - 2);
    while ((static_cast<unsigned char>(json_[at]) & 0xC0) == 0x80) --at;
    std::size_t size = 1;
    std::uint32_t character = static_cast<unsigned char>(json_[at]);
    if (character >= 0x80) character &= character < 0xE0 ? 0x1Fu : character < 0xF0 ? 0x0Fu : 0x07u;
    for (; (static_cast<unsigned char>(json_[at + size]) & 0xC0) == 0x80; ++size) {
      character = character << 6 | (static_cast<unsigned char>(json_[at + size]) & 0x3Fu);
    }
    if (character < 0x10000) {
      json_.replace(at, size, fmt::format("\\u{:04x}", character));
    } else {
      json_.replace(
          at, size,
          fmt::format("\\u{:04x}\\u{:04X}", 0xD7C0 + (character >> 10), 0xDC00 + (character & 0x3FF)));
    }
  }
  void Deepen() {
    constexpr std::size_t kLevels[] = {1, 20, 40, 62, 63, 64, 65, 70, 120};
    const std::vector<Token> tokens = Tokenize(json_);
    if (tokens.empty()) return;
    const Token token = PickToken(tokens);
    const std::size_t levels = random_.Pick(kLevels);
    Replace(token, std::string(levels, '[') + Text(token) + std::string(levels, ']'));
  }
  void Truncate() { json_.resize(random_.Below(json_.size() + 1)); }

  std::string json_;
  Random& random_;
};

}  // namespace

std::string Mutate(std::string_view json, Random& random) {
  Mutation mutation(std::string(json), random);
  // Mostly one: a document with many mistakes says little of each.
  for (std::size_t n = random.OneIn(4) ? 1 + random.Below(4) : 1; n > 0; --n) mutation.Apply();
  return mutation.Take();
}

}  // namespace oracle
