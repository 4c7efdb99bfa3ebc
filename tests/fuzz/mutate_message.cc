#include "fuzz/mutate_message.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/descriptor.h>

#include "oracle/random_text.h"

namespace federation::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using oracle::Random;

// `message` and all messages in it.
void Collect(Message* message, std::vector<Message*>* messages) {
  messages->push_back(message);
  const Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      Collect(reflection.MutableMessage(message, field), messages);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
      Collect(reflection.MutableRepeatedMessage(message, field, i), messages);
    }
  }
}

std::vector<std::string> StringsOf(const Message& message) {
  std::vector<std::string> strings;
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
    if (!field->is_repeated()) {
      strings.push_back(reflection.GetString(message, field));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      strings.push_back(reflection.GetRepeatedString(message, field, i));
    }
  }
  return strings;
}

class Mutation {
 public:
  Mutation(Random& random, Message* root) : random_(random) { Collect(root, &messages_); }

  void Apply() {
    Message& message = *messages_[random_.Below(messages_.size())];
    const auto& type = *message.GetDescriptor();
    if (type.field_count() == 0) return;
    // Mostly of what is there: an unset field of a descriptor seldom matters.
    std::vector<const FieldDescriptor*> set;
    message.GetReflection()->ListFields(message, &set);
    const auto count = static_cast<std::size_t>(type.field_count());
    const FieldDescriptor& field = set.empty() || random_.OneIn(3)
                                       ? *type.field(static_cast<int>(random_.Below(count)))
                                       : *set[random_.Below(set.size())];
    if (field.is_repeated()) {
      MutateRepeated(field, message);
    } else {
      MutateSingular(field, message);
    }
  }

 private:
  void MutateSingular(const FieldDescriptor& field, Message& message) {
    const Reflection& reflection = *message.GetReflection();
    if (random_.OneIn(4)) return reflection.ClearField(&message, &field);
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection.SetString(&message, &field, Text());
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection.SetInt32(&message, &field, Number());
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection.SetBool(&message, &field, random_.OneIn(2));
      case FieldDescriptor::CPPTYPE_ENUM: {
        const auto& type = *field.enum_type();
        const auto count = static_cast<std::size_t>(type.value_count());
        return reflection.SetEnum(&message, &field, type.value(static_cast<int>(random_.Below(count))));
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Transplant(reflection.MutableMessage(&message, &field));
      default:
        return;
    }
  }

  void MutateRepeated(const FieldDescriptor& field, Message& message) {
    const Reflection& reflection = *message.GetReflection();
    const int size = reflection.FieldSize(message, &field);
    switch (size == 0 ? 3 : random_.Below(6)) {
      case 0:
        return reflection.RemoveLast(&message, &field);
      case 1:
        return reflection.SwapElements(&message, &field, Index(size), Index(size));
      case 2:
        reflection.SwapElements(&message, &field, Index(size), size - 1);
        return reflection.RemoveLast(&message, &field);
      default:
        return Add(field, message);
    }
  }

  void Add(const FieldDescriptor& field, Message& message) {
    const Reflection& reflection = *message.GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection.AddString(&message, &field, Text());
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection.AddInt32(&message, &field, Number());
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Transplant(reflection.AddMessage(&message, &field));
      default:
        return;
    }
  }

  // Takes over another message of the same type, so that what is new looks like what is there. Copied first:
  // it may be the parent.
  void Transplant(Message* to) {
    std::vector<const Message*> donors;
    for (const Message* donor : messages_) {
      if (donor->GetDescriptor() == to->GetDescriptor() && donor != to) donors.push_back(donor);
    }
    if (donors.empty()) return;
    const Message& donor = *donors[random_.Below(donors.size())];
    const std::unique_ptr<Message> copy(donor.New());
    copy->CopyFrom(donor);
    to->GetReflection()->Swap(to, copy.get());
  }

  std::string Text() {
    constexpr std::string_view kTexts[] = {"",
                                           "class",
                                           "std",
                                           "a.b",
                                           ".",
                                           "..",
                                           "_",
                                           "a-b",
                                           "int",
                                           "update",
                                           "google.protobuf.Any",
                                           ".google.protobuf.Timestamp",
                                           "Clear"};
    if (random_.OneIn(4)) return std::string(random_.Pick(kTexts));
    if (random_.OneIn(8)) return oracle::RandomText(random_);
    for (int tries = 0; tries < 8; ++tries) {
      const std::vector<std::string> strings = StringsOf(*messages_[random_.Below(messages_.size())]);
      if (strings.empty()) continue;
      std::string text = strings[random_.Below(strings.size())];
      // A full name instead of a simple one, and the other way round.
      if (random_.OneIn(4)) text = text.substr(text.find_last_of('.') + 1);
      if (random_.OneIn(8)) text.insert(text.begin(), '.');
      return text;
    }
    return "x";
  }

  std::int32_t Number() {
    constexpr std::int32_t kNumbers[] = {0,  1,     2,     3,     4,         6,          8,
                                         -1, 18999, 19000, 59880, 536870911, 2147483647, -2147483648};
    return random_.OneIn(2) ? random_.Pick(kNumbers) : static_cast<std::int32_t>(random_.Below(100));
  }
  int Index(int size) { return static_cast<int>(random_.Below(static_cast<std::size_t>(size))); }

  Random& random_;
  std::vector<Message*> messages_;
};

}  // namespace

void MutateMessage(Random& random, Message* message) { Mutation(random, message).Apply(); }

}  // namespace federation::fuzz
