#pragma once

#include <string>

#include <google/protobuf/message.h>

// Strings whose field has the option `ctype`: protobuf's C++ classes have no public accessors for them, so
// generated codecs reach them by reflection, with the field's number.
namespace federation::json {

std::string HiddenString(const google::protobuf::Message& message, int field_number);
std::string HiddenString(const google::protobuf::Message& message, int field_number, int index);
void SetHiddenString(google::protobuf::Message* message, int field_number, std::string value);
void AddHiddenString(google::protobuf::Message* message, int field_number, std::string value);

}  // namespace federation::json
