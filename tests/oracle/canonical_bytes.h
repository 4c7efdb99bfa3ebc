#pragma once

#include <string>

#include <google/protobuf/message.h>

namespace oracle {

// What two readers may take differently without either being wrong in the rest.
struct Leniency {
  bool minus_zero = false;  // -0 is 0
  bool mask_words = false;  // in paths of FieldMask underscores do not count
  bool zero_enums = false;  // entries of maps whose value is 0 of an enum do not count
};

// The binary form of `message` with the entries of maps in order, also inside of Any values: two messages
// hold the same if and only if these bytes are the same. Stricter than MessageDifferencer. Required fields
// may be missing.
std::string CanonicalBytes(const google::protobuf::Message& message, Leniency leniency = {});

}  // namespace oracle
