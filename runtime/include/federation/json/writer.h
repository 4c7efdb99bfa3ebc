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

// Appends one JSON document, minified, to a string.
//
// Every value is followed by a comma, which the end of its object or array takes back: so no call needs to
// know whether it is the first. Strings must be UTF-8; whether they are is checked once over the whole
// document, by Finish().
//
// Borrows the string, whose content is unspecified until Finish or Close. Not thread-safe.
class Writer {
 public:
  explicit Writer(std::string* out) : out_(out), start_(out->size()) { Place(start_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void BeginObject() { *Room(1) = '{', ++at_; }
  void EndObject() { End('}'); }
  void BeginArray() { *Room(1) = '[', ++at_; }
  void EndArray() { End(']'); }

  // A key that needs no escapes, as those of schemas; `key` is a literal.
  template <std::size_t N>
  void Key(const char (&key)[N]) {
    char* const to = Room(N + 2);
    to[0] = '"';
    std::memcpy(to + 1, key, N - 1);
    to[N] = '"';
    to[N + 1] = ':';
    at_ = to + N + 2;
  }

  void String(std::string_view value);
  void Bytes(std::string_view value);  // base64, standard alphabet, padded (RFC 4648, section 4)
  void Bool(bool value) { Raw(value ? std::string_view("true") : std::string_view("false")); }
  void Double(double value);
  void Float(float value);
  void Int32(std::int32_t value) { Int64Number(value); }
  void Uint32(std::uint32_t value) { Uint64Number(value); }
  // 64-bit integers as ProtoJSON writes them, in quotes, and as plain numbers.
  void Int64(std::int64_t value);
  void Uint64(std::uint64_t value);
  void Int64Number(std::int64_t value);
  void Uint64Number(std::uint64_t value);
  // The name of `value`, or its number where it has none.
  void Enum(std::span<const EnumName> names, int value);
  void Null() { Raw("null"); }
  // Text that is JSON already.
  void Raw(std::string_view json) {
    char* const to = Room(json.size() + 1);
    std::memcpy(to, json.data(), json.size());
    to[json.size()] = ',';
    at_ = to + json.size() + 1;
  }

  // Records that a value has no JSON, the first time that it is called: a time out of range, say. `what` says
  // what was wanted and what came; the place is where the writer stands. Some value must be written all the
  // same.
  void Fail(std::string_view what);

  // Takes back the last comma. To be called last.
  void Close();
  // The same, and fails if a value had no JSON or a string was not UTF-8; what was appended is removed then.
  // The status, an invalid argument, names the place: `strong[3].content.text: want UTF-8, got the byte
  // 0xff`.
  absl::Status Finish();

 private:
  void End(char close) {
    char* const to = Room(2);
    at_ = to[-1] == ',' ? to : to + 1;
    at_[-1] = close;
    *at_++ = ',';
  }
  // Makes sure that `bytes` more fit, and says where they go.
  char* Room(std::size_t bytes) {
    if (static_cast<std::size_t>(end_ - at_) < bytes) Grow(bytes);
    return at_;
  }
  void Grow(std::size_t bytes);
  // Goes on at `size` in the string, which may have moved.
  void Place(std::size_t size) {
    at_ = out_->data() + size;
    end_ = out_->data() + out_->size();
  }
  void StringSlow(const char* from, const char* end);

  std::string* out_;
  std::size_t start_;
  // The string's storage: what is written so far, and how much of it there is.
  char* at_;
  char* end_;
  std::string error_;  // of the first failure; empty if there was none
};

}  // namespace federation::json
