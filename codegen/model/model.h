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

// One value of an enum, in JSON and in C++.
struct EnumValue {
  std::string json;
  std::string constant;
};

struct Field {
  enum class Presence { kExplicit, kImplicit, kRepeated, kMap };

  std::string name;      // as the schema writes it
  std::string accessor;  // of protobuf's C++ class
  // The JSON keys that are read, at least one; the first one is written.
  std::vector<std::string> keys;
  // Of its value, of its elements, or of the values of a map.
  Kind kind = Kind::kBool;
  Kind map_key = Kind::kString;
  Presence presence = Presence::kImplicit;
  int number = 0;
  // Of proto2: must be set.
  bool required = false;
  // Written even when it holds its default value.
  bool always = false;
  // Fields of one oneof share a number of 1 or more; 0 for other fields.
  int oneof = 0;
  // Of that oneof: what_case, and Message::WHAT_NOT_SET.
  std::string oneof_case;
  std::string oneof_not_set;
  // The C++ type of enums and messages.
  std::string type;
  // A string that protobuf's C++ class has no public accessors for.
  bool hidden = false;
  // Null is one of its values, not the lack of one.
  bool takes_null = false;
  // An enum of which the class takes no numbers that have no name, although the enum does.
  bool closed = false;
  // What an enum does not know is kept with the message.
  bool keep_unknown = false;
  // An enum's table of names, if it stands in this file; and what stands in it, if it is the field's own
  // because the enum is spelled here in another way.
  std::string name_table;
  std::vector<EnumValue> values;
  // An enum of proto2.
  bool enum_closed = false;
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
  // Fields of its message, as the schema writes them: an update takes the place of an older one with equal
  // values in them that still waits. Empty: of no other one.
  std::vector<std::string> replaces;
  // The case or its message.
  bool deprecated = false;
  // What the schema says of the case or, if nothing, of its message.
  Comment comment;
};

// A oneof that is flattened under a tag.
struct Flattened {
  std::string name;  // as the schema writes it
  Comment comment;
  std::string tag;
  std::string case_function;  // update_case
  std::string not_set;        // UPDATE_NOT_SET
  std::vector<Case> cases;
  // Flattened under the tag of updates: gets a handler, a receiver and a sender.
  bool update_union = false;
  // An object with an unknown tag is kept with the message.
  bool keep_unknown = false;
};

struct Message {
  std::string name;        // as the schema writes it
  std::string type;        // C++ class
  std::string identifier;  // the class without namespace, to make other names of
  Comment comment;
  // Either fields, or one flattened oneof that is all that the message holds.
  std::vector<Field> fields;
  std::optional<Flattened> flattened;
  // Those of the fields in which an update is equal to the one that it takes the place of.
  std::vector<Field> replaces;

  bool is_update_union() const { return flattened.has_value() && flattened->update_union; }
};

struct Enum {
  std::string type;        // C++ enum
  std::string identifier;  // the enum without namespace, to make other names of
  Comment comment;
  // Where several values share a number, the first one's name is written.
  std::vector<EnumValue> values;
  // Of proto2: takes no numbers that have no name.
  bool closed = false;
};

// A method of a service.
struct Method {
  std::string function;        // C++: SearchUsers
  std::string start_function;  // C++, without waiting for the answer: StartSearchUsers
  std::string wire_name;       // search_users
  std::string request;         // C++ class
  std::string answer;          // C++ class
  Comment comment;
  // Whether a server may get the same request twice.
  bool repeatable = false;
  // It, or one of its messages.
  bool deprecated = false;
};

struct Service {
  std::string name;        // as the schema writes it
  std::string identifier;  // to make the names of classes of: Directory
  Comment comment;
  std::vector<Method> methods;
  bool deprecated = false;
};

struct File {
  std::string name;           // chat/v1/chat.proto
  std::string stem;           // chat/v1/chat
  std::string cpp_namespace;  // chat::v1; empty without a package
  Comment comment;
  std::vector<Enum> enums;
  std::vector<Message> messages;
  std::vector<Service> services;
  // Stems of the files that define the types of fields, and of those that define the cases of update unions.
  std::set<std::string> field_stems;
  std::set<std::string> case_stems;
  // Stems of the files that define the messages of methods.
  std::set<std::string> method_stems;
  // Whether a field is of a type that protobuf brings along.
  bool has_well_known = false;
  // Whether anything in the file is deprecated, so that the mere use of it would be warned of.
  bool deprecated = false;

  bool has_replaces() const {
    return std::any_of(messages.begin(), messages.end(),
                       [](const Message& m) { return !m.replaces.empty(); });
  }
  bool has_update_union() const {
    return std::any_of(messages.begin(), messages.end(),
                       [](const Message& m) { return m.is_update_union(); });
  }
};

}  // namespace federation::codegen
