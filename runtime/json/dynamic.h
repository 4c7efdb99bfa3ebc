#pragma once

#include <string_view>

#include <google/protobuf/message.h>

#include "federation/json/reader.h"
#include "federation/json/writer.h"

// Canonical ProtoJSON of any message, through its descriptor: for content whose type only the document tells.
// Where the type is known, generated code does the same many times faster.
//
// Annotations have no effect. proto2 messages are read and written without their groups and extensions, and
// without a required field they are an error either way.
namespace federation::json {

// How many messages may stand inside of each other on the way out; protobuf's binary parser has the same
// bound.
inline constexpr int kDynamicDepthMax = 100;

// Appends one value. `depth` counts the messages that it stands in.
void WriteDynamic(const google::protobuf::Message& message, Writer& out, int depth = 0);
// Reads one value into *message, which is empty before.
bool ReadDynamic(Reader& in, google::protobuf::Message* message);

// The same for an object with one key that is not the message's: `other_key` was written before, and is
// passed over, unchecked. A field of that very name goes by the one that it has in the schema. For messages
// without a form of their own; WriteDynamicFields leaves out the braces.
void WriteDynamicFields(const google::protobuf::Message& message, std::string_view other_key, Writer& out,
                        int depth);
bool ReadDynamicFields(Reader& in, std::string_view other_key, google::protobuf::Message* message);

}  // namespace federation::json
