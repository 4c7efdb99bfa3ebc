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
// Borrows the string, and may leave it with room for more. Not thread-safe.
class Writer {
 public:
  explicit Writer(std::string* out) : out_(out), start_(out->size()) {}

  void BeginObject() { out_->push_back('{'); }
  void EndObject() { End('}'); }
  void BeginArray() { out_->push_back('['); }
  void EndArray() { End(']'); }

  // A key that needs no escapes, as those of schemas; `key` is a literal.
  template <std::size_t N>
  void Key(const char (&key)[N]) {
    char quoted[N + 2];
    quoted[0] = '"';
    std::memcpy(quoted + 1, key, N - 1);
    quoted[N] = '"';
    quoted[N + 1] = ':';
    out_->append(quoted, N + 2);
  }

  void String(std::string_view value);
  void Bytes(std::string_view value);  // base64, standard alphabet, padded (RFC 4648, section 4)
  void Bool(bool value);
  void Double(double value);
  void Float(float value);
  void Int32(std::int32_t value);
  void Uint32(std::uint32_t value);
  // 64-bit integers as ProtoJSON writes them, in quotes, and as plain numbers.
  void Int64(std::int64_t value);
  void Uint64(std::uint64_t value);
  void Int64Number(std::int64_t value);
  void Uint64Number(std::uint64_t value);
  // The name of `value`, or its number where it has none.
  void Enum(std::span<const EnumName> names, int value);
  void Null();
  // Text that is JSON already.
  void Raw(std::string_view json);

  // Takes back the last comma and checks the document. Fails if a string is not UTF-8; the text that was
  // appended is removed then. To be called last.
  absl::Status Finish();

 private:
  void End(char close) {
    if (out_->back() == ',') {
      out_->back() = close;
    } else {
      out_->push_back(close);
    }
    out_->push_back(',');
  }

  std::string* out_;
  std::size_t start_;
};

}  // namespace federation::json
