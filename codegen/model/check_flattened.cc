#include <map>
#include <string>

#include <absl/strings/str_cat.h>

#include "codegen/model/checks.h"
#include "codegen/model/rules.h"
#include "codegen/model/visit.h"

namespace federation::codegen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::OneofDescriptor;
using v1::FieldRules;

void CheckAlone(const Descriptor& message, const OneofDescriptor& oneof, Diagnostics& diagnostics) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (field.real_containing_oneof() == &oneof) continue;
    diagnostics.Add(PlaceOf(field), absl::StrCat("stands beside the flattened oneof `", oneof.name(),
                                                 "`; a message with a flattened oneof holds nothing else"));
  }
}

void CheckCase(const FieldDescriptor& field, const std::string& tag, Diagnostics& diagnostics) {
  const Descriptor* message = field.message_type();
  if (message == nullptr) {
    diagnostics.Add(PlaceOf(field),
                    absl::StrCat("a case of a flattened oneof must be a message, not ", field.type_name()));
    return;
  }
  if (FlattenedOneof(*message) != nullptr) {
    diagnostics.Add(PlaceOf(field), absl::StrCat("`", message->name(),
                                                 "` cannot be a case: it has a flattened oneof "
                                                 "itself, and one object has one tag"));
    return;
  }
  if (IsWellKnown(*message->file()) && message->name() != "Empty") {
    diagnostics.Add(
        PlaceOf(field),
        absl::StrCat("`", message->full_name(),
                     "` cannot be a case: it has a JSON form of its own, without keys for a tag"));
    return;
  }
  const FieldDescriptor* hidden = FindKey(*message, tag);
  if (hidden != nullptr) {
    diagnostics.Add(PlaceOf(field), absl::StrCat("the field `", hidden->name(), "` of `", message->name(),
                                                 "` (", PositionText(PlaceOf(*hidden)),
                                                 ") has the same JSON key as the tag, `", tag, "`"));
  }
}

void CheckDelivery(const FieldDescriptor& field, Diagnostics& diagnostics) {
  const Descriptor* message = field.message_type();
  if (message == nullptr || FlattenedOneof(*message) != nullptr ||
      DeliveryOf(*message) != DeliveryClass::kNone)
    return;
  diagnostics.Add(PlaceOf(field), absl::StrCat("`", message->name(),
                                               "` has no delivery class; write `option "
                                               "(federation.v1.message) = { delivery: ... };` in it"));
}

void CheckTagValues(const OneofDescriptor& oneof, Diagnostics& diagnostics) {
  std::map<std::string, const FieldDescriptor*> cases;
  for (int i = 0; i < oneof.field_count(); ++i) {
    const FieldDescriptor& field = *oneof.field(i);
    const auto [first, fresh] = cases.emplace(TagValueOf(field), &field);
    if (fresh) continue;
    const Place place = RulesOf(field).tag_value().empty()
                            ? PlaceOf(field)
                            : AnnotationOf(field, {FieldRules::kTagValueFieldNumber});
    diagnostics.Add(place,
                    absl::StrCat("the tag value `", first->first, "` is also that of the case `",
                                 first->second->name(), "` (", PositionText(PlaceOf(*first->second)), ")"));
  }
}

}  // namespace

void CheckFlattened(const FileDescriptor& file, Diagnostics& diagnostics) {
  ForEachMessage(file, [&](const Descriptor& message) {
    const OneofDescriptor* oneof = FlattenedOneof(message);
    if (oneof == nullptr) return;
    CheckAlone(message, *oneof, diagnostics);
    CheckTagValues(*oneof, diagnostics);
    for (int i = 0; i < oneof->field_count(); ++i) {
      CheckCase(*oneof->field(i), RulesOf(*oneof).tag(), diagnostics);
      if (IsUpdateUnion(message)) CheckDelivery(*oneof->field(i), diagnostics);
    }
  });
}

}  // namespace federation::codegen
