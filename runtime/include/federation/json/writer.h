#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "federation/json/reader.h"
#include "federation/json/status_fwd.h"

namespace federation::json {

// Where a Writer writes: a buffer in front of a string, which could not grow without clearing its new bytes.
class Sink {
 public:
  static constexpr std::size_t kBufferBytes = 1024;
  // Every value makes room for itself and leaves room for a key behind it; so keys need not look.
  static constexpr std::size_t kValueBytesMax = 48;
  static constexpr std::size_t kKeyBytesMax = 48;

  explicit Sink(std::string* out)
      : out_(out), limit_(end() - kValueBytesMax - kKeyBytesMax), start_(out->size()) {
    buffer_[0] = '\0';
  }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  char* begin() { return buffer_ + 1; }
  char* end() { return buffer_ + kBufferBytes; }
  // Moves what is written up to `at` to the string, but for the last byte, which Writer::End looks at.
  // Returns where to go on.
  char* Flush(char* at);
  // Makes sure that a value of at most kValueBytesMax and a key fit behind `at`, and says where they go.
  char* Room(char* at) { return IsFull(at) ? Flush(at) : at; }
  // The same for a value of `bytes`, which with a key fits into the buffer.
  char* Room(char* at, std::size_t bytes) {
    return static_cast<std::size_t>(end() - at) < bytes + kKeyBytesMax ? Flush(at) : at;
  }
  // The values of Writer, each with its comma. Each returns where to go on.
  char* PutString(char* at, std::string_view value);
  char* PutBytes(char* at, std::string_view value);
  char* PutDouble(char* at, double value);
  char* PutFloat(char* at, float value);
  char* PutInt64(char* at, std::int64_t value);
  char* PutUint64(char* at, std::uint64_t value);
  char* PutInt64Number(char* at, std::int64_t value);
  char* PutUint64Number(char* at, std::uint64_t value);
  char* PutEnum(char* at, const EnumName* names, std::size_t size, int value);
  char* PutRaw(char* at, std::string_view json);
  // As Writer says of its functions of these names.
  void Fail(const char* at, std::string_view what);
  void Close(const char* at);
  absl::Status Finish(const char* at);

 private:
  bool IsFull(const char* at) const { return at > limit_; }
  // Puts a value behind a Flush: a function of its own, so that where there is room no registers are saved.
  template <auto kPut, typename T>
  char* Again(char* at, T value);
  // One that is not numbered so, or has a long name or none.
  char* PutAnyEnum(char* at, const EnumName* names, std::size_t size, int value);
  // One of any length, and of any content.
  char* PutAnyString(char* at, std::string_view value);
  void Append(const char* at);
  // Finish for a document that may be wrong.
  absl::Status Look();

  std::string* out_;
  const char* limit_;
  std::size_t start_;
  bool needs_look_ = false;  // something failed, or what is written so far is not ASCII: is it UTF-8?
  std::unique_ptr<std::string> error_;  // of the first failure; null if there was none
  char buffer_[kBufferBytes];           // its first byte is no part of the output
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
  Writer(const Writer&) = default;
  // Goes on where `other` has come to, which stands in the same document. As its sink is the same, compilers
  // need not keep the two together in memory.
  Writer& operator=(Writer other) {
    at_ = other.at_;
    return *this;
  }

  void BeginObject() { Put('{'); }
  void EndObject() { End('}'); }
  // An object that begins with its tag, which decides what the rest is; literals that need no escapes.
  template <std::size_t N, std::size_t M>
  void BeginTagged(const char (&key)[N], const char (&tag)[M]) {
    MakeRoom<1 + QuotedBytes(N) + QuotedBytes(M)>();
    *at_++ = '{';
    PutQuoted(key, ':');
    PutQuoted(tag, ',');
  }
  // Its end, in front of which there is always a comma.
  void EndTagged() {
    char* const to = Room();
    to[-1] = '}';
    *to = ',';
    at_ = to + 1;
  }
  void BeginArray() { Put('['); }
  void EndArray() { End(']'); }

  // A key that needs no escapes, as those of schemas; `key` is a literal.
  template <std::size_t N>
  void Key(const char (&key)[N]) {
    if constexpr (QuotedBytes(N) > Sink::kKeyBytesMax) at_ = sink_->Room(at_, QuotedBytes(N));
    PutQuoted(key, ':');
  }

  void String(std::string_view value) { at_ = sink_->PutString(at_, value); }
  // Base64, standard alphabet, padded (RFC 4648, section 4).
  void Bytes(std::string_view value) { at_ = sink_->PutBytes(at_, value); }
  void Bool(bool value) { value ? Literal("true,") : Literal("false,"); }
  void Double(double value) { at_ = sink_->PutDouble(at_, value); }
  void Float(float value) { at_ = sink_->PutFloat(at_, value); }
  void Int32(std::int32_t value) { Int64Number(value); }
  void Uint32(std::uint32_t value) { Uint64Number(value); }
  // 64-bit integers as ProtoJSON writes them, in quotes, and as plain numbers.
  void Int64(std::int64_t value) { at_ = sink_->PutInt64(at_, value); }
  void Uint64(std::uint64_t value) { at_ = sink_->PutUint64(at_, value); }
  void Int64Number(std::int64_t value) { at_ = sink_->PutInt64Number(at_, value); }
  void Uint64Number(std::uint64_t value) { at_ = sink_->PutUint64Number(at_, value); }
  // The name of `value`, or its number where it has none.
  void Enum(std::span<const EnumName> names, int value) {
    at_ = sink_->PutEnum(at_, names.data(), names.size(), value);
  }
  void Null() { Literal("null,"); }
  // A value that `put` writes where it is told, JSON in ASCII of fewer than Sink::kValueBytesMax bytes; it
  // returns the end.
  template <typename Put>
  void Direct(Put put) {
    char* const end = put(Room());
    *end = ',';
    at_ = end + 1;
  }
  // Text that is JSON already.
  void Raw(std::string_view json) { at_ = sink_->PutRaw(at_, json); }

  // Keys that are data, as those of maps.
  void StringKey(std::string_view key) { String(key), at_[-1] = ':'; }
  void Int64Key(std::int64_t key) { Int64(key), at_[-1] = ':'; }
  void Uint64Key(std::uint64_t key) { Uint64(key), at_[-1] = ':'; }
  void BoolKey(bool key) { key ? Literal("\"true\":") : Literal("\"false\":"); }

  // Records that a value has no JSON, the first time that it is called: a time out of range, say. `what` says
  // what was wanted and what came; the place is where the writer stands. Some value must be written all the
  // same.
  void Fail(std::string_view what) { sink_->Fail(at_, what); }

 private:
  friend class DocumentWriter;

  Writer() = default;

  char* Room() { return at_ = sink_->Room(at_); }
  template <std::size_t kBytes>
  void MakeRoom() {
    static_assert(kBytes + Sink::kKeyBytesMax < Sink::kBufferBytes - 2);  // what Flush leaves in front
    at_ = kBytes > Sink::kValueBytesMax ? sink_->Room(at_, kBytes) : sink_->Room(at_);
  }
  void Put(char c) { *Room() = c, ++at_; }
  void End(char close) {
    char* const to = Room();
    at_ = to[-1] == ',' ? to : to + 1;
    at_[-1] = close;
    *at_++ = ',';
  }
  // What PutQuoted needs for a literal of N bytes, the one at its end included.
  static constexpr std::size_t QuotedBytes(std::size_t n) { return (n + 2 + 7) / 8 * 8; }
  // Puts whole words, which compilers know at compile time.
  template <std::size_t N>
  void PutQuoted(const char (&text)[N], char behind) {
    static_assert(QuotedBytes(N) < Sink::kBufferBytes / 2);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (PutWord<I>(text, behind), ...);
    }(std::make_index_sequence<QuotedBytes(N) / 8>());
    at_ += N + 2;
  }
  template <std::size_t I, std::size_t N>
  void PutWord(const char (&text)[N], char behind) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      const std::size_t place = 8 * I + i;
      const char c = place == 0 || place == N ? '"'
                     : place == N + 1         ? behind
                     : place < N              ? text[place - 1]
                                              : '\0';
      word |= std::uint64_t{static_cast<unsigned char>(c)} << (8 * i);
    }
    std::memcpy(at_ + 8 * I, &word, 8);
  }
  template <std::size_t N>
  void Literal(const char (&text)[N]) {
    std::memcpy(Room(), text, N - 1);
    at_ += N - 1;
  }

  char* at_ = nullptr;
  Sink* sink_ = nullptr;
};

// Appends one JSON document to a string, whose content is unspecified until Finish or Close. Borrows the
// string. Not thread-safe.
class DocumentWriter : public Writer {
 public:
  explicit DocumentWriter(std::string* out) : document_(out) {
    at_ = document_.begin();
    sink_ = &document_;
  }
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
  absl::Status Finish();

 private:
  Sink document_;
};

}  // namespace federation::json
