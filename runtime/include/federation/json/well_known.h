#pragma once

#include "federation/json/reader.h"
#include "federation/json/writer.h"

// The types that protobuf brings along and that ProtoJSON gives a form of their own. Generated codecs find
// these functions by their arguments, as they find each other; whoever calls them includes the type's own
// header.
namespace google::protobuf {
class Any;
class BoolValue;
class BytesValue;
class DoubleValue;
class Duration;
class Empty;
class FieldMask;
class FloatValue;
class Int32Value;
class Int64Value;
class ListValue;
enum NullValue : int;
class StringValue;
class Struct;
class Timestamp;
class UInt32Value;
class UInt64Value;
class Value;
}  // namespace google::protobuf

namespace federation::json {

class ObjectReader;

// "2026-01-31T12:00:00.500Z" (RFC 3339): written in UTC, with 0, 3, 6 or 9 digits behind the point; read with
// any offset and up to 9 digits, in upper case. From year 1 to year 9999. There is no second 60: protobuf
// smears leap seconds.
Writer WriteJson(const google::protobuf::Timestamp& time, Writer out);
bool ReadJson(Reader& in, google::protobuf::Timestamp* time);

// "-1.500s": written with 0, 3, 6 or 9 digits behind the point, read with up to 9. Up to 315,576,000,000
// seconds and a fraction either way, about 10,000 years.
Writer WriteJson(const google::protobuf::Duration& duration, Writer out);
bool ReadJson(Reader& in, google::protobuf::Duration* duration);

// "user.displayName,photo": paths of field names in lowerCamelCase. A path that this spelling does not keep
// ("a__b", "a_1", "aB") has no JSON.
Writer WriteJson(const google::protobuf::FieldMask& mask, Writer out);
bool ReadJson(Reader& in, google::protobuf::FieldMask* mask);

// Any JSON: Value any value, Struct an object, ListValue an array. Keys are written in the order of their
// bytes. A Value without a kind, and a number that is not finite, have no JSON.
Writer WriteJson(const google::protobuf::Struct& object, Writer out);
bool ReadJson(Reader& in, google::protobuf::Struct* object);
Writer WriteJson(const google::protobuf::Value& value, Writer out);
bool ReadJson(Reader& in, google::protobuf::Value* value);
Writer WriteJson(const google::protobuf::ListValue& list, Writer out);
bool ReadJson(Reader& in, google::protobuf::ListValue* list);

// null; read also from the enum's name and number.
Writer WriteJson(google::protobuf::NullValue value, Writer out);
bool ReadJson(Reader& in, google::protobuf::NullValue* value);

// The value that is wrapped. Null is no such value: a field that is null is not set.
Writer WriteJson(const google::protobuf::DoubleValue& wrapper, Writer out);
bool ReadJson(Reader& in, google::protobuf::DoubleValue* wrapper);
Writer WriteJson(const google::protobuf::FloatValue& wrapper, Writer out);
bool ReadJson(Reader& in, google::protobuf::FloatValue* wrapper);
Writer WriteJson(const google::protobuf::Int64Value& wrapper, Writer out);
bool ReadJson(Reader& in, google::protobuf::Int64Value* wrapper);
Writer WriteJson(const google::protobuf::UInt64Value& wrapper, Writer out);
bool ReadJson(Reader& in, google::protobuf::UInt64Value* wrapper);
Writer WriteJson(const google::protobuf::Int32Value& wrapper, Writer out);
bool ReadJson(Reader& in, google::protobuf::Int32Value* wrapper);
Writer WriteJson(const google::protobuf::UInt32Value& wrapper, Writer out);
bool ReadJson(Reader& in, google::protobuf::UInt32Value* wrapper);
Writer WriteJson(const google::protobuf::BoolValue& wrapper, Writer out);
bool ReadJson(Reader& in, google::protobuf::BoolValue* wrapper);
Writer WriteJson(const google::protobuf::StringValue& wrapper, Writer out);
bool ReadJson(Reader& in, google::protobuf::StringValue* wrapper);
Writer WriteJson(const google::protobuf::BytesValue& wrapper, Writer out);
bool ReadJson(Reader& in, google::protobuf::BytesValue* wrapper);

// {}, as any message without fields: so it may also stand where a message's fields go.
Writer WriteJson(const google::protobuf::Empty& empty, Writer out);
bool ReadJson(Reader& in, google::protobuf::Empty* empty);
Writer WriteFields(const google::protobuf::Empty& empty, Writer out);
bool ReadFields(Reader& in, ObjectReader& object, google::protobuf::Empty* empty);

// {"@type":"type.googleapis.com/full.Name"} with the fields of that message beside it or, where its type has
// a form of its own, with "value". "@type" is read at any place. An Any that is not set is {}.
//
// The type is what stands behind the last '/'; its message must be compiled into the program. Its content is
// canonical ProtoJSON, whatever annotations it has: not every reader knows them. An unknown type, and content
// that is not of its type, are errors; so is writing more than 100 messages inside of each other, counted
// through an Any that holds an Any.
Writer WriteJson(const google::protobuf::Any& any, Writer out);
bool ReadJson(Reader& in, google::protobuf::Any* any);

}  // namespace federation::json
