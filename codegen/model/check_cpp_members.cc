#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <google/protobuf/descriptor.pb.h>

#include "codegen/cpp/names.h"
#include "codegen/model/checks.h"
#include "codegen/model/visit.h"

namespace federation::codegen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::OneofDescriptor;

// What C++ lets stand beside another member of the same name: functions that differ in this.
enum class Shape {
  kConst,      // a function without arguments, const
  kMutable,    // a function without arguments
  kArguments,  // a function with arguments; no two of a class are the same
  kAlone,      // a type, a constant or the class itself
};

bool Collide(Shape one, Shape other) {
  if (one == Shape::kAlone || other == Shape::kAlone) return true;
  return one == other && one != Shape::kArguments;
}

// An element of the schema that has members.
struct Element {
  const char* what;
  Place place;
};

struct Member {
  Shape shape;
  const Element* owner;
};

// The members of the class that protoc makes of one message.
class Members {
 public:
  Members(const Descriptor& message, Diagnostics& diagnostics) : diagnostics_(diagnostics) {
    Start("the message", PlaceOf(message));
    Claim(cpp::Identifier(message), Shape::kAlone);
    if (message.file()->syntax() == FileDescriptor::SYNTAX_PROTO2) Claim("unknown_fields", Shape::kConst);
    for (int i = 0; i < message.nested_type_count(); ++i) {
      if (!message.nested_type(i)->options().map_entry()) ClaimNested(*message.nested_type(i));
    }
    for (int i = 0; i < message.enum_type_count(); ++i) ClaimEnum(*message.enum_type(i));
    for (int i = 0; i < message.real_oneof_decl_count(); ++i) ClaimOneof(*message.oneof_decl(i));
    for (int i = 0; i < message.field_count(); ++i) ClaimField(*message.field(i));
  }

 private:
  void ClaimNested(const Descriptor& message) {
    Start("the message", PlaceOf(message));
    Claim(message.name(), Shape::kAlone);
  }

  void ClaimEnum(const EnumDescriptor& enumeration) {
    Start("the enum", PlaceOf(enumeration));
    for (const char* ending :
         {"", "_IsValid", "_MIN", "_MAX", "_ARRAYSIZE", "_descriptor", "_Name", "_Parse"}) {
      Claim(enumeration.name() + ending, Shape::kAlone);
    }
    for (int i = 0; i < enumeration.value_count(); ++i) {
      Start("the enum value", PlaceOf(*enumeration.value(i)));
      Claim(enumeration.value(i)->name(), Shape::kAlone);
    }
  }

  void ClaimOneof(const OneofDescriptor& oneof) {
    Start("the oneof", PlaceOf(oneof));
    Claim(cpp::CaseEnum(oneof), Shape::kAlone);
    Claim(cpp::CaseNotSet(oneof), Shape::kAlone);
    Claim(cpp::CaseFunction(oneof), Shape::kConst);
    Claim("has_" + oneof.name(), Shape::kConst);
    Claim("clear_" + oneof.name(), Shape::kMutable);
  }

  void ClaimField(const FieldDescriptor& field) {
    Start("the field", PlaceOf(field));
    const std::string name = absl::AsciiStrToLower(field.name());
    Claim(cpp::Accessor(field), Shape::kConst);
    Claim(cpp::FieldNumberConstant(field), Shape::kAlone);
    if (field.real_containing_oneof() != nullptr) Claim(cpp::CaseConstant(field), Shape::kAlone);
    if (field.has_presence()) Claim("has_" + name, Shape::kConst);
    if (field.is_repeated()) Claim(name + "_size", Shape::kConst);
    for (const char* start : {"clear_", "mutable_", "release_"}) Claim(start + name, Shape::kMutable);
    for (const char* start : {"set_", "add_"}) Claim(start + name, Shape::kArguments);
  }

  // What is claimed from now on belongs to this element.
  void Start(const char* what, Place place) {
    elements_.push_back({what, std::move(place)});
    reported_ = false;
  }

  // Reports the first collision of each element: others come of it.
  void Claim(const std::string& name, Shape shape) {
    const Element& owner = elements_.back();
    std::vector<Member>& members = members_[name];
    for (const Member& other : members) {
      if (reported_ || !Collide(shape, other.shape)) continue;
      reported_ = true;
      diagnostics_.Add(owner.place,
                       absl::StrCat("the C++ name `", name, "` is also that of ", other.owner->what, " `",
                                    other.owner->place.name, "` (", PositionText(other.owner->place), ")"));
    }
    members.push_back({shape, &owner});
  }

  Diagnostics& diagnostics_;
  std::deque<Element> elements_;  // they stay where they are
  bool reported_ = false;
  std::map<std::string, std::vector<Member>> members_;
};

}  // namespace

void CheckCppMembers(const FileDescriptor& file, Diagnostics& diagnostics) {
  ForEachMessage(file, [&](const Descriptor& message) { Members(message, diagnostics); });
}

}  // namespace federation::codegen
