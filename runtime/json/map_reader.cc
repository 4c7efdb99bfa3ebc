#include <string>
#include <string_view>

#include "federation/json/map.h"

namespace federation::json {

bool MapReader::Next() {
  if (!entered_ || in_.failed()) return false;
  if (in_.Consume('}')) {
    ended_ = true;
    return false;
  }
  if (!first_ && !in_.Consume(',')) return in_.FailWant("a comma or the end of the object", in_.Offset());
  first_ = false;
  key_offset_ = in_.NextOffset();
  return in_.NextByte() == '"' || in_.FailWant("a key", key_offset_);
}

bool MapReader::KeyRead(bool read) {
  if (!read) return Failed();
  if (in_.Consume(':')) return true;
  in_.FailWant("a colon", in_.Offset());
  return Failed();
}

bool MapReader::ReadKey(bool* key) {
  constexpr std::string_view kWanted = "\"true\" or \"false\"";
  std::string scratch;
  std::string_view text;
  if (!in_.ReadStringPiece(kWanted, &scratch, &text)) return Failed();
  *key = text == "true";
  return KeyRead(*key || text == "false" || in_.FailWant(kWanted, key_offset_));
}

bool MapReader::Failed() {
  // Nobody keeps the key while all goes well: it is read once more.
  in_.at_ = in_.begin_ + key_offset_;
  std::string scratch;
  std::string_view key;
  const bool readable = in_.ReadStringPiece("a key", &scratch, &key);
  in_.at_ = in_.end_;
  return readable ? in_.UnderKey(key) : false;
}

bool MapReader::FailDuplicate() {
  in_.Fail("duplicate key", key_offset_);
  return Failed();
}

bool Reader::PeekString(std::string_view key, std::string* value, std::size_t* offset_bytes) {
  const char* const start = at_;
  const bool found = [&] {
    MapReader object(*this);
    std::string name;
    while (object.Next()) {
      if (!object.ReadKey(&name)) return false;
      if (name != key) {
        if (!SkipValue()) return object.Failed();
        continue;
      }
      *offset_bytes = NextOffset();
      return ReadString(value) || object.Failed();
    }
    return false;
  }();
  if (!failed_) at_ = start;
  return found;
}

}  // namespace federation::json
