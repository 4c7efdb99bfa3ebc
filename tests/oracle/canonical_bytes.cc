#include "oracle/canonical_bytes.h"

#include <memory>
#include <vector>

#include <google/protobuf/any.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

namespace oracle {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string DeterministicBytes(const Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  {
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializePartialToCodedStream(&coded);
  }
  return bytes;
}

void MakeCanonical(Leniency leniency, Message* message);

// The content of an Any in its canonical form; as it is if nobody here knows its type.
void MakeAnyCanonical(Leniency leniency, google::protobuf::Any* any) {
  const std::string& url = any->type_url();
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      url.substr(url.find_last_of('/') + 1));
  if (type == nullptr) return;
  const std::unique_ptr<Message> content(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  if (!content->ParsePartialFromString(any->value())) return;
  MakeCanonical(leniency, content.get());
  any->set_value(DeterministicBytes(*content));
}

// Minus zero becomes zero, which is the same as not being there where a field has no presence.
void MakeZeroPositive(const FieldDescriptor& field, Message* message) {
  const Reflection& reflection = *message->GetReflection();
  const bool is_float = field.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT;
  if (!field.is_repeated()) {
    if (is_float && reflection.GetFloat(*message, &field) == 0) reflection.SetFloat(message, &field, 0);
    if (!is_float && reflection.GetDouble(*message, &field) == 0) reflection.SetDouble(message, &field, 0);
    return;
  }
  for (int i = 0; i < reflection.FieldSize(*message, &field); ++i) {
    if (is_float && reflection.GetRepeatedFloat(*message, &field, i) == 0) {
      reflection.SetRepeatedFloat(message, &field, i, 0);
    }
    if (!is_float && reflection.GetRepeatedDouble(*message, &field, i) == 0) {
      reflection.SetRepeatedDouble(message, &field, i, 0);
    }
  }
}

void JoinWords(google::protobuf::FieldMask* mask) {
  for (std::string& path : *mask->mutable_paths()) std::erase(path, '_');
}

void RemoveZeroEnums(const FieldDescriptor& map, Message* message) {
  const Reflection& reflection = *message->GetReflection();
  const FieldDescriptor& value = *map.message_type()->map_value();
  for (int i = reflection.FieldSize(*message, &map) - 1; i >= 0; --i) {
    const Message& entry = reflection.GetRepeatedMessage(*message, &map, i);
    if (entry.GetReflection()->GetEnumValue(entry, &value) != 0) continue;
    reflection.SwapElements(message, &map, i, reflection.FieldSize(*message, &map) - 1);
    reflection.RemoveLast(message, &map);
  }
}

void MakeCanonical(Leniency leniency, Message* message) {
  if (auto* mask = dynamic_cast<google::protobuf::FieldMask*>(message)) {
    if (leniency.mask_words) JoinWords(mask);
    return;
  }
  if (auto* any = dynamic_cast<google::protobuf::Any*>(message)) return MakeAnyCanonical(leniency, any);
  const Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    const auto kind = field->cpp_type();
    if (kind == FieldDescriptor::CPPTYPE_FLOAT || kind == FieldDescriptor::CPPTYPE_DOUBLE) {
      if (leniency.minus_zero) MakeZeroPositive(*field, message);
      continue;
    }
    if (kind != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (leniency.zero_enums && field->is_map() &&
        field->message_type()->map_value()->enum_type() != nullptr) {
      RemoveZeroEnums(*field, message);
    }
    if (!field->is_repeated()) {
      MakeCanonical(leniency, reflection.MutableMessage(message, field));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
      MakeCanonical(leniency, reflection.MutableRepeatedMessage(message, field, i));
    }
  }
}

}  // namespace

std::string CanonicalBytes(const Message& message, Leniency leniency) {
  const std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  MakeCanonical(leniency, copy.get());
  return DeterministicBytes(*copy);
}

}  // namespace oracle
