#include "federation/json/unknown.h"

#include <cstdint>
#include <string>

#include <google/protobuf/unknown_field_set.h>

namespace federation::json {
namespace {

// Protobuf keeps the numbers 19000 to 19999 for itself: no schema has a field of that number. Each entry is a
// group of the field's number, 0 for the whole object, and the JSON.
constexpr int kEntry = 19880;
constexpr int kNumber = 1;
constexpr int kJson = 2;
constexpr std::uint64_t kWholeObject = 0;

std::optional<std::string_view> Find(const google::protobuf::Message& message, std::uint64_t number) {
  const google::protobuf::UnknownFieldSet& unknown = message.GetReflection()->GetUnknownFields(message);
  // From the back: merging appends what is newer.
  for (int i = unknown.field_count() - 1; i >= 0; --i) {
    const google::protobuf::UnknownField& entry = unknown.field(i);
    if (entry.number() != kEntry || entry.type() != google::protobuf::UnknownField::TYPE_GROUP) continue;
    const google::protobuf::UnknownFieldSet& parts = entry.group();
    // A peer's binary may hold anything here.
    if (parts.field_count() != 2 || parts.field(0).type() != google::protobuf::UnknownField::TYPE_VARINT ||
        parts.field(1).type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED) {
      continue;
    }
    if (parts.field(0).varint() == number) return parts.field(1).length_delimited();
  }
  return std::nullopt;
}

bool Keep(Reader& in, const Reader::Mark& start, std::uint64_t number, google::protobuf::Message* message) {
  std::string_view json;
  if (!in.ReadRawAgain(start, &json)) return false;
  google::protobuf::UnknownFieldSet* entry =
      message->GetReflection()->MutableUnknownFields(message)->AddGroup(kEntry);
  entry->AddVarint(kNumber, number);
  entry->AddLengthDelimited(kJson)->assign(json);
  return true;
}

}  // namespace

std::optional<std::string_view> UnknownJson(const google::protobuf::Message& message, int field_number) {
  return Find(message, static_cast<std::uint64_t>(field_number));
}

std::optional<std::string_view> UnknownObjectJson(const google::protobuf::Message& message) {
  return Find(message, kWholeObject);
}

bool KeepUnknown(Reader& in, const Reader::Mark& start, int field_number,
                 google::protobuf::Message* message) {
  // Without a failure the name was passed over, as DecodeOptions say.
  if (in.failed() && in.error().kind != DecodeError::Kind::kUnknownEnumValue) return false;
  return Keep(in, start, static_cast<std::uint64_t>(field_number), message);
}

bool KeepUnknownObject(Reader& in, const Reader::Mark& start, google::protobuf::Message* message) {
  if (in.error().kind != DecodeError::Kind::kUnknownTag) return false;
  return Keep(in, start, kWholeObject, message);
}

}  // namespace federation::json
