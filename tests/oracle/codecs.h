#pragma once

#include <span>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <google/protobuf/message.h>

#include "federation/json/codec.h"

namespace oracle {

// A message type and its generated codec, without its C++ type.
struct Codec {
  const google::protobuf::Message* prototype;
  absl::StatusOr<std::string> (*encode)(const google::protobuf::Message& message);
  // `message` is of the codec's type.
  absl::Status (*decode)(std::string_view json, const federation::json::DecodeOptions& options,
                         google::protobuf::Message* message);
};

// Types whose JSON is canonical ProtoJSON: every kind of field, and those of the standard schema on which its
// annotations have no effect.
std::span<const Codec> CanonicalCodecs();

// Types with annotations: those of the standard schema, and one with all that there are. None has maps.
std::span<const Codec> AnnotatedCodecs();

}  // namespace oracle
