#include "federation/json/hidden_string.h"

#include <utility>

#include <google/protobuf/descriptor.h>

namespace federation::json {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Generated code names fields that its schema has.
const FieldDescriptor* FieldOf(const Message& message, int number) {
  return message.GetDescriptor()->FindFieldByNumber(number);
}

}  // namespace

std::string HiddenString(const Message& message, int field_number) {
  return message.GetReflection()->GetString(message, FieldOf(message, field_number));
}

std::string HiddenString(const Message& message, int field_number, int index) {
  return message.GetReflection()->GetRepeatedString(message, FieldOf(message, field_number), index);
}

void SetHiddenString(Message* message, int field_number, std::string value) {
  message->GetReflection()->SetString(message, FieldOf(*message, field_number), std::move(value));
}

void AddHiddenString(Message* message, int field_number, std::string value) {
  message->GetReflection()->AddString(message, FieldOf(*message, field_number), std::move(value));
}

}  // namespace federation::json
