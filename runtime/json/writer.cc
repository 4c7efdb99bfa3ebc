#include "federation/json/writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <simdjson.h>

#include <absl/strings/escaping.h>

#include "json/text.h"

namespace federation::json {
namespace {

template <typename T>
void AppendNumber(T value, std::string* out) {
  std::array<char, 32> digits;  // the longest double has 24
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out->append(digits.data(), result.ptr);
}

template <typename T>
void AppendFloatingPoint(T value, std::string* out) {
  if (std::isnan(value)) {
    *out += "\"NaN\"";
  } else if (std::isinf(value)) {
    *out += value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  } else {
    AppendNumber(value, out);
  }
}

void AppendEscaped(char c, std::string* out) {
  switch (c) {
    case '"':
      *out += "\\\"";
      return;
    case '\\':
      *out += "\\\\";
      return;
    case '\b':
      *out += "\\b";
      return;
    case '\f':
      *out += "\\f";
      return;
    case '\n':
      *out += "\\n";
      return;
    case '\r':
      *out += "\\r";
      return;
    case '\t':
      *out += "\\t";
      return;
    default: {
      constexpr std::string_view kHex = "0123456789abcdef";
      *out += "\\u00";
      out->push_back(kHex[static_cast<unsigned char>(c) >> 4]);
      out->push_back(kHex[static_cast<unsigned char>(c) & 15]);
    }
  }
}

}  // namespace

void Writer::String(std::string_view value) {
  out_->push_back('"');
  const char* from = value.data();
  const char* const end = from + value.size();
  while (true) {
    const char* special = FindSpecial(from, end);
    out_->append(from, special);
    if (special == end) break;
    AppendEscaped(*special, out_);
    from = special + 1;
  }
  out_->append("\",");
}

void Writer::Bytes(std::string_view value) {
  std::string text;
  absl::Base64Escape(absl::string_view(value.data(), value.size()), &text);
  out_->push_back('"');
  *out_ += text;
  *out_ += "\",";
}

void Writer::Bool(bool value) { *out_ += value ? "true," : "false,"; }

void Writer::Double(double value) {
  AppendFloatingPoint(value, out_);
  out_->push_back(',');
}

void Writer::Float(float value) {
  AppendFloatingPoint(value, out_);
  out_->push_back(',');
}

void Writer::Int32(std::int32_t value) {
  AppendNumber(value, out_);
  out_->push_back(',');
}

void Writer::Uint32(std::uint32_t value) {
  AppendNumber(value, out_);
  out_->push_back(',');
}

void Writer::Int64(std::int64_t value) {
  out_->push_back('"');
  AppendNumber(value, out_);
  *out_ += "\",";
}

void Writer::Uint64(std::uint64_t value) {
  out_->push_back('"');
  AppendNumber(value, out_);
  *out_ += "\",";
}

void Writer::Int64Number(std::int64_t value) {
  AppendNumber(value, out_);
  out_->push_back(',');
}

void Writer::Uint64Number(std::uint64_t value) {
  AppendNumber(value, out_);
  out_->push_back(',');
}

void Writer::Enum(std::span<const EnumName> names, int value) {
  for (const EnumName& entry : names) {
    if (entry.number == value) {
      out_->push_back('"');
      *out_ += entry.name;
      *out_ += "\",";
      return;
    }
  }
  Int32(value);
}

void Writer::Null() { *out_ += "null,"; }

void Writer::Raw(std::string_view json) {
  *out_ += json;
  out_->push_back(',');
}

absl::Status Writer::Finish() {
  if (out_->size() > start_ && out_->back() == ',') out_->pop_back();
  if (!simdjson::validate_utf8(out_->data() + start_, out_->size() - start_)) {
    out_->resize(start_);
    return absl::InvalidArgumentError("a string field holds bytes that are not UTF-8");
  }
  return absl::OkStatus();
}

}  // namespace federation::json
