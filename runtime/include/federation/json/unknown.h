#pragma once

#include <optional>
#include <string_view>

#include <google/protobuf/message.h>

#include "federation/json/reader.h"

// What a message had in its JSON that its schema does not know, where the annotation UNKNOWN_VALUES_KEEP says
// to keep it. It stands among the message's unknown fields, so it goes where the message goes: into copies
// and through protobuf's binary form.
namespace federation::json {

// The JSON of the enum field with that number, if its name is not one of the enum's: `"supergroup"`. The
// field itself is not set then. Nothing if all was known. Valid until the message changes.
std::optional<std::string_view> UnknownJson(const google::protobuf::Message& message, int field_number);

// The whole JSON object of a message with a flattened oneof, if its tag is not one of the oneof's. The oneof
// is not set then. Nothing if all was known. Valid until the message changes.
std::optional<std::string_view> UnknownObjectJson(const google::protobuf::Message& message);

// For generated code: what `in` failed with is kept with the message, if it is an unknown enum name, or an
// unknown tag, of the value at `start`; else false, and the failure stands.
bool KeepUnknown(Reader& in, const Reader::Mark& start, int field_number, google::protobuf::Message* message);
bool KeepUnknownObject(Reader& in, const Reader::Mark& start, google::protobuf::Message* message);

}  // namespace federation::json
