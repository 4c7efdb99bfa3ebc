#include "oracle/random_message.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include <google/protobuf/any.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/wrappers.pb.h>

#include "federation/v1/annotations.pb.h"

#include "oracle/canonical_bytes.h"
#include "oracle/every_kind.pb.h"
#include "oracle/random_text.h"

namespace oracle {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr std::int32_t kNanosEdges[] = {0, 1, 999'999'999, 500'000'000, 10'000'000, 10'000, 10, 123'456'789};

template <typename T>
T RandomInteger(Random& random) {
  using Limits = std::numeric_limits<T>;
  constexpr T kEdges[] = {0, 1, static_cast<T>(-1), Limits::min(), Limits::max(), Limits::max() - 1};
  if (random.OneIn(2)) return random.Pick(kEdges);
  // Of any number of bits.
  const auto magnitude = random.Bits() >> random.Below(64);
  return static_cast<T>(random.OneIn(2) ? magnitude : std::uint64_t{0} - magnitude);
}

template <typename T>
T RandomFloatingPoint(Random& random) {
  using Limits = std::numeric_limits<T>;
  constexpr T kEdges[] = {T{0},
                          -T{0},
                          T{1},
                          T(-1.5),
                          T(0.1),
                          T(1e21),
                          T(16777217),
                          T(9007199254740993),
                          Limits::min(),
                          Limits::denorm_min(),
                          -Limits::denorm_min(),
                          Limits::min() - Limits::denorm_min(),
                          Limits::max(),
                          Limits::lowest(),
                          Limits::epsilon(),
                          Limits::infinity(),
                          -Limits::infinity(),
                          Limits::quiet_NaN()};
  if (random.OneIn(2)) return random.Pick(kEdges);
  if (random.OneIn(2)) return static_cast<T>(RandomInteger<std::int32_t>(random)) / T{1000};
  return static_cast<T>(RandomInteger<std::int64_t>(random)) * std::numeric_limits<T>::denorm_min();
}

template <typename T>
T RandomFinite(Random& random) {
  while (true) {
    const T value = RandomFloatingPoint<T>(random);
    if (value - value == 0) return value;
  }
}

int RandomEnumNumber(const FieldDescriptor& field, Random& random) {
  const EnumDescriptor& type = *field.enum_type();
  // What a message of proto2 has no name for is kept among its unknown fields, which have no JSON.
  const bool open = field.file()->syntax() == google::protobuf::FileDescriptor::SYNTAX_PROTO3;
  if (open && type.full_name() != "google.protobuf.NullValue" && random.OneIn(8)) {
    return RandomInteger<std::int32_t>(random);
  }
  return type.value(static_cast<int>(random.Below(static_cast<std::size_t>(type.value_count()))))->number();
}

void FillTimestamp(Random& random, google::protobuf::Timestamp* timestamp) {
  constexpr std::int64_t kMin = -62'135'596'800;  // 0001-01-01T00:00:00Z
  constexpr std::int64_t kMax = 253'402'300'799;  // 9999-12-31T23:59:59Z
  constexpr std::int64_t kEdges[] = {0, -1, 1, kMin, kMax, 951'782'400, -11'644'473'600};
  timestamp->set_seconds(random.OneIn(3) ? random.Pick(kEdges)
                                         : kMin + static_cast<std::int64_t>(random.Bits() % (kMax - kMin)));
  timestamp->set_nanos(random.Pick(kNanosEdges));
}

void FillDuration(Random& random, google::protobuf::Duration* duration) {
  constexpr std::int64_t kMax = 315'576'000'000;
  constexpr std::int64_t kEdges[] = {0, 1, kMax, 59};
  const std::int64_t seconds =
      random.OneIn(2) ? random.Pick(kEdges) : static_cast<std::int64_t>(random.Bits() % kMax);
  const std::int32_t nanos = random.Pick(kNanosEdges);
  const int sign = random.OneIn(2) ? 1 : -1;
  duration->set_seconds(sign * seconds);
  duration->set_nanos(sign * nanos);
}

void FillMask(Random& random, google::protobuf::FieldMask* mask) {
  constexpr std::string_view kPaths[] = {"a", "a_b", "user_id.first_name", "abc.d_e_f", "x1.y_z2", "__"};
  for (std::size_t n = random.Below(4); n > 0; --n) {
    const std::string_view path = random.Pick(kPaths);
    // Two underscores in a row have no JSON form.
    mask->add_paths(std::string(path == "__" ? "plain" : path));
  }
}

void FillValue(Random& random, int depth_max, google::protobuf::Value* value);

void FillListValue(Random& random, int depth_max, google::protobuf::ListValue* list) {
  if (depth_max <= 0) return;
  for (std::size_t n = random.Below(4); n > 0; --n) FillValue(random, depth_max - 1, list->add_values());
}

void FillStruct(Random& random, int depth_max, google::protobuf::Struct* object) {
  if (depth_max <= 0) return;
  for (std::size_t n = random.Below(4); n > 0; --n) {
    FillValue(random, depth_max - 1, &(*object->mutable_fields())[RandomText(random)]);
  }
}

void FillValue(Random& random, int depth_max, google::protobuf::Value* value) {
  switch (random.Below(6)) {
    case 0:
      return value->set_null_value(google::protobuf::NULL_VALUE);
    case 1:
      return value->set_number_value(RandomFinite<double>(random));
    case 2:
      return value->set_string_value(RandomText(random));
    case 3:
      return value->set_bool_value(random.OneIn(2));
    case 4:
      return FillStruct(random, depth_max, value->mutable_struct_value());
    default:
      return FillListValue(random, depth_max, value->mutable_list_value());
  }
}

void FillAny(Random& random, int depth_max, google::protobuf::Any* any) {
  if (depth_max <= 0 || random.OneIn(8)) return;
  const Message* const kContents[] = {&Scalars::default_instance(),
                                      &Optionals::default_instance(),
                                      &Maps::default_instance(),
                                      &Choices::default_instance(),
                                      &WellKnown::default_instance(),
                                      &google::protobuf::Any::default_instance(),
                                      &google::protobuf::Timestamp::default_instance(),
                                      &google::protobuf::Duration::default_instance(),
                                      &google::protobuf::FieldMask::default_instance(),
                                      &google::protobuf::Struct::default_instance(),
                                      &google::protobuf::Value::default_instance(),
                                      &google::protobuf::ListValue::default_instance(),
                                      &google::protobuf::Int64Value::default_instance(),
                                      &google::protobuf::BytesValue::default_instance()};
  const std::unique_ptr<Message> content(random.Pick(kContents)->New());
  FillRandomly(random, depth_max - 1, content.get());
  any->set_type_url("type.googleapis.com/" + content->GetDescriptor()->full_name());
  any->set_value(CanonicalBytes(*content));
}

// Fills well-known types that not every value of their fields suits; says whether `message` is one.
bool FillWellKnown(Random& random, int depth_max, Message* message) {
  if (auto* timestamp = dynamic_cast<google::protobuf::Timestamp*>(message)) {
    FillTimestamp(random, timestamp);
  } else if (auto* duration = dynamic_cast<google::protobuf::Duration*>(message)) {
    FillDuration(random, duration);
  } else if (auto* mask = dynamic_cast<google::protobuf::FieldMask*>(message)) {
    FillMask(random, mask);
  } else if (auto* value = dynamic_cast<google::protobuf::Value*>(message)) {
    FillValue(random, depth_max, value);
  } else if (auto* list = dynamic_cast<google::protobuf::ListValue*>(message)) {
    FillListValue(random, depth_max, list);
  } else if (auto* object = dynamic_cast<google::protobuf::Struct*>(message)) {
    FillStruct(random, depth_max, object);
  } else if (auto* any = dynamic_cast<google::protobuf::Any*>(message)) {
    FillAny(random, depth_max, any);
  } else {
    return false;
  }
  return true;
}

std::string RandomBytes(Random& random) {
  std::string bytes;
  for (std::size_t n = random.Below(12); n > 0; --n) bytes += static_cast<char>(random.Bits());
  return bytes;
}

std::string RandomString(const FieldDescriptor& field, Random& random) {
  return field.type() == FieldDescriptor::TYPE_BYTES ? RandomBytes(random) : RandomText(random);
}

void SetField(const FieldDescriptor& field, Random& random, int depth_max, Message* message) {
  const Reflection& reflection = *message->GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.SetInt32(message, &field, RandomInteger<std::int32_t>(random));
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.SetInt64(message, &field, RandomInteger<std::int64_t>(random));
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.SetUInt32(message, &field, RandomInteger<std::uint32_t>(random));
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection.SetUInt64(message, &field, RandomInteger<std::uint64_t>(random));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.SetDouble(message, &field, RandomFloatingPoint<double>(random));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return reflection.SetFloat(message, &field, RandomFloatingPoint<float>(random));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.SetBool(message, &field, random.OneIn(2));
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.SetEnumValue(message, &field, RandomEnumNumber(field, random));
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.SetString(message, &field, RandomString(field, random));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return FillRandomly(random, depth_max - 1, reflection.MutableMessage(message, &field));
  }
}

void AddElement(const FieldDescriptor& field, Random& random, int depth_max, Message* message) {
  const Reflection& reflection = *message->GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.AddInt32(message, &field, RandomInteger<std::int32_t>(random));
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.AddInt64(message, &field, RandomInteger<std::int64_t>(random));
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.AddUInt32(message, &field, RandomInteger<std::uint32_t>(random));
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection.AddUInt64(message, &field, RandomInteger<std::uint64_t>(random));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.AddDouble(message, &field, RandomFloatingPoint<double>(random));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return reflection.AddFloat(message, &field, RandomFloatingPoint<float>(random));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.AddBool(message, &field, random.OneIn(2));
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.AddEnumValue(message, &field, RandomEnumNumber(field, random));
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.AddString(message, &field, RandomString(field, random));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return FillRandomly(random, depth_max - 1, reflection.AddMessage(message, &field));
  }
}

// A flattened oneof without a case has no JSON that is read.
void SetFlattenedOneofs(Random& random, int depth_max, Message* message) {
  const Descriptor& type = *message->GetDescriptor();
  for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
    const google::protobuf::OneofDescriptor& oneof = *type.oneof_decl(i);
    if (!oneof.options().HasExtension(federation::v1::oneof)) continue;
    const auto cases = static_cast<std::size_t>(oneof.field_count());
    SetField(*oneof.field(static_cast<int>(random.Below(cases))), random, depth_max, message);
  }
}

}  // namespace

void FillRandomly(Random& random, int depth_max, Message* message) {
  if (FillWellKnown(random, depth_max, message)) return;
  const Descriptor& type = *message->GetDescriptor();
  // Few fields of one message, most of another.
  const std::size_t share = 1 + random.Below(6);
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const bool entry = type.options().map_entry();
    if (!field.is_required() && !entry) {
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && depth_max <= 0) continue;
      if (!random.OneIn(share)) continue;
    }
    if (field.is_repeated()) {
      for (std::size_t n = random.Below(4); n > 0; --n) AddElement(field, random, depth_max, message);
    } else {
      SetField(field, random, depth_max, message);
    }
  }
  SetFlattenedOneofs(random, depth_max, message);
}

}  // namespace oracle
