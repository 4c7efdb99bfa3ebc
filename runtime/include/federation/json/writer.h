#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include <absl/status/status.h>

#include "federation/json/reader.h"

namespace federation::json {

// Where a Writer writes: a buffer in front of a string, which could not grow without clearing its new bytes.
class Sink {
 public:
  static constexpr std::size_t kBufferBytes = 1024;

  explicit Sink(std::string* out) : out_(out), start_(out->size()) { buffer_[0] = '\0'; }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  char* begin() { return buffer_ + 1; }
  char* end() { return buffer_ + kBufferBytes; }
  // Moves what is written up to `at` to the string, but for the last byte, which Writer::End looks at.
  // Returns where to go on.
  char* Flush(char* at);
  // Makes sure that `bytes` more fit behind `at`, at most half of the buffer, and says where they go.
  char* Room(char* at, std::size_t bytes) {
    return static_cast<std::size_t>(end() - at) < bytes ? Flush(at) : at;
  }
  // The parts of Writer that are no matter of a few instructions. Each returns where to go on.
  char* PutString(char* at, std::string_view value);
  char* PutBytes(char* at, std::string_view value);
  char* PutRaw(char* at, std::string_view json);
  // As Writer says of its functions of these names.
  void Fail(const char* at, std::string_view what);
  void Close(char* at);
  absl::Status Finish(char* at);

 private:
  // One of any length, and of any content.
  char* PutLongString(char* at, std::string_view value);

  std::string* out_;
  std::size_t start_;
  bool ascii_ = true;          // what is written so far; else it is checked for being UTF-8
  std::string error_;          // of the first failure; empty if there was none
  char buffer_[kBufferBytes];  // its first byte is no part of the output
};

// Writes values of a JSON document, minified, one behind the other.
//
// Every value is followed by a comma, which the end of its object or array takes back: so no call needs to
// know whether it is the first. Strings must be UTF-8; whether they are is checked once over the whole
// document, when it is finished.
//
// A Writer is a place in a DocumentWriter's document, and goes by value, so that it stays in registers: who
// hands it on goes on with what comes back. Not thread-safe.
class Writer {
 public:
  void BeginObject() { Put('{'); }
  void EndObject() { End('}'); }
  void BeginArray() { Put('['); }
  void EndArray() { End(']'); }

  // A key that needs no escapes, as those of schemas; `key` is a literal.
  template <std::size_t N>
  void Key(const char (&key)[N]) {
    PutQuoted(key, ':');
  }

  void String(std::string_view value) { at_ = sink_->PutString(at_, value); }
  // Text that needs no escapes, as the tags of schemas; a literal.
  template <std::size_t N>
  void Name(const char (&name)[N]) {
    PutQuoted(name, ',');
  }
  // Base64, standard alphabet, padded (RFC 4648, section 4).
  void Bytes(std::string_view value) { at_ = sink_->PutBytes(at_, value); }
  void Bool(bool value) { value ? Literal("true,") : Literal("false,"); }
  void Double(double value) { Comma(PutDouble(Room(kNumberBytesMax), value)); }
  void Float(float value) { Comma(PutFloat(Room(kNumberBytesMax), value)); }
  void Int32(std::int32_t value) { Int64Number(value); }
  void Uint32(std::uint32_t value) { Uint64Number(value); }
  // 64-bit integers as ProtoJSON writes them, in quotes, and as plain numbers.
  void Int64(std::int64_t value) { at_ = Quoted(PutSigned, value, ','); }
  void Uint64(std::uint64_t value) { at_ = Quoted(PutUnsigned, value, ','); }
  void Int64Number(std::int64_t value) { Comma(PutSigned(Room(kNumberBytesMax), value)); }
  void Uint64Number(std::uint64_t value) { Comma(PutUnsigned(Room(kNumberBytesMax), value)); }
  // The name of `value`, or its number where it has none.
  void Enum(std::span<const EnumName> names, int value) {
    // Mostly an enum's values are numbered as they are counted.
    const auto index = static_cast<std::size_t>(value);
    const EnumName* name =
        index < names.size() && names[index].number == value ? &names[index] : Find(names, value);
    if (name == nullptr) return Int64Number(value);
    if (name->name.size() > kNameBytesMax) return String(name->name);
    Comma(name->token.Put(Room(kNameBytesMax + 16)));
  }
  void Null() { Literal("null,"); }
  // Text that is JSON already.
  void Raw(std::string_view json) { at_ = sink_->PutRaw(at_, json); }

  // Keys that are data, as those of maps.
  void StringKey(std::string_view key) { String(key), at_[-1] = ':'; }
  void Int64Key(std::int64_t key) { at_ = Quoted(PutSigned, key, ':'); }
  void Uint64Key(std::uint64_t key) { at_ = Quoted(PutUnsigned, key, ':'); }
  void BoolKey(bool key) { key ? Literal("\"true\":") : Literal("\"false\":"); }

  // Records that a value has no JSON, the first time that it is called: a time out of range, say. `what` says
  // what was wanted and what came; the place is where the writer stands. Some value must be written all the
  // same.
  void Fail(std::string_view what) { sink_->Fail(at_, what); }

 private:
  friend class DocumentWriter;

  // Longest: -1.7976931348623157e+308, "-9223372036854775808", "-Infinity"; and a comma, and what is written
  // eight bytes at a time.
  static constexpr std::size_t kNumberBytesMax = 40;
  static constexpr std::size_t kNameBytesMax = 40;

  Writer() = default;
  explicit Writer(Sink* sink) : at_(sink->begin()), sink_(sink) {}

  // Each returns the end of what it wrote; there is room for kNumberBytesMax.
  static char* PutSigned(char* to, std::int64_t value);
  static char* PutUnsigned(char* to, std::uint64_t value);
  static char* PutDouble(char* to, double value);
  static char* PutFloat(char* to, float value);
  static const EnumName* Find(std::span<const EnumName> names, int value);

  char* Room(std::size_t bytes) { return at_ = sink_->Room(at_, bytes); }
  void Put(char c) { *Room(1) = c, ++at_; }
  void End(char close) {
    char* const to = Room(2);
    at_ = to[-1] == ',' ? to : to + 1;
    at_[-1] = close;
    *at_++ = ',';
  }
  void Comma(char* to) {
    *to = ',';
    at_ = to + 1;
  }
  template <std::size_t N>
  void PutQuoted(const char (&text)[N], char behind) {
    static_assert(N < Sink::kBufferBytes / 2);
    char* const to = Room(N + 2);
    to[0] = '"';
    std::memcpy(to + 1, text, N - 1);
    to[N] = '"';
    to[N + 1] = behind;
    at_ = to + N + 2;
  }
  template <std::size_t N>
  void Literal(const char (&text)[N]) {
    std::memcpy(Room(N), text, N - 1);
    at_ += N - 1;
  }
  template <typename T>
  char* Quoted(char* (*put)(char*, T), T value, char behind) {
    char* to = Room(kNumberBytesMax);
    *to++ = '"';
    to = put(to, value);
    *to++ = '"';
    *to++ = behind;
    return to;
  }

  char* at_ = nullptr;
  Sink* sink_ = nullptr;
};

// Appends one JSON document to a string, whose content is unspecified until Finish or Close. Borrows the
// string. Not thread-safe.
class DocumentWriter : public Writer {
 public:
  explicit DocumentWriter(std::string* out) : document_(out) { *this = Writer(&document_); }
  // Goes on where `writer` has come to, which was handed out by this document.
  DocumentWriter& operator=(Writer writer) {
    static_cast<Writer&>(*this) = writer;
    return *this;
  }

  // Takes back the last comma. To be called last.
  void Close() { document_.Close(at_); }
  // The same, and fails if a value had no JSON or a string was not UTF-8; what was appended is removed then.
  // The status, an invalid argument, names the place: `strong[3].content.text: want UTF-8, got the byte
  // 0xff`.
  absl::Status Finish() { return document_.Finish(at_); }

 private:
  Sink document_;
};

}  // namespace federation::json
