#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

// What the emitters print: plain data in which every name, comment and rule of a schema is resolved.
namespace federation::codegen {

// The lines of a comment as they stand in the schema, each with the space that follows `//`.
using Comment = std::vector<std::string>;

// How a value stands in JSON.
enum class Kind {
  kBool,
  kInt32,
  kInt64,
  kInt64Number,  // written as a JSON number
  kUint32,
  kUint64,
  kUint64Number,  // written as a JSON number
  kFloat,
  kDouble,
  kString,
  kBytes,
  kEnum,
  kMessage,
};

struct Field {
  enum class Presence { kExplicit, kImplicit, kRepeated };

  std::string name;      // as the schema writes it
  std::string accessor;  // of protobuf's C++ class
  // The JSON keys that are read, at least one; the first one is written.
  std::vector<std::string> keys;
  Kind kind = Kind::kBool;
  Presence presence = Presence::kImplicit;
  // Written even when it holds its default value.
  bool always = false;
  // Fields of one oneof share a number of 1 or more; 0 for other fields.
  int oneof = 0;
  // The C++ type of enums and messages.
  std::string type;
};

enum class DeliveryClass { kNone, kStrong, kWeak };

// A case of a flattened oneof.
struct Case {
  std::string accessor;
  std::string constant;  // kMessageEdited
  std::string tag_value;
  std::string type;       // C++ class of the case's message
  std::string name;       // MessageEdited, for OnMessageEdited and SendMessageEdited
  std::string parameter;  // C++ name for a parameter that holds it
  DeliveryClass delivery = DeliveryClass::kNone;
  // What the schema says of the case or, if nothing, of its message.
  Comment comment;
};

// A oneof that is flattened under a tag.
struct Flattened {
  std::string tag;
  std::string case_function;  // update_case
  std::string not_set;        // UPDATE_NOT_SET
  std::vector<Case> cases;
  // Flattened under the tag of updates: gets a handler, a receiver and a sender.
  bool update_union = false;
};

struct Message {
  std::string name;        // as the schema writes it
  std::string type;        // C++ class
  std::string identifier;  // the class without namespace, to make other names of
  Comment comment;
  // Either fields, or one flattened oneof that is all that the message holds.
  std::vector<Field> fields;
  std::optional<Flattened> flattened;

  bool is_update_union() const { return flattened.has_value() && flattened->update_union; }
};

struct EnumValue {
  std::string json;
  std::string constant;  // C++
};

struct Enum {
  std::string type;        // C++ enum
  std::string identifier;  // the enum without namespace, to make other names of
  Comment comment;
  // Where several values share a number, the first one's name is written.
  std::vector<EnumValue> values;
};

struct File {
  std::string name;           // chat/v1/chat.proto
  std::string stem;           // chat/v1/chat
  std::string cpp_namespace;  // chat::v1; empty without a package
  Comment comment;
  std::vector<Enum> enums;
  std::vector<Message> messages;
  // Stems of the files that define the types of fields, and of those that define the cases of update unions.
  std::set<std::string> field_stems;
  std::set<std::string> case_stems;
  // Whether anything in the file is deprecated, so that the mere use of it would be warned of.
  bool deprecated = false;

  bool has_update_union() const {
    return std::any_of(messages.begin(), messages.end(),
                       [](const Message& m) { return m.is_update_union(); });
  }
};

}  // namespace federation::codegen
