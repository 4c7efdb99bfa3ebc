#pragma once

#include <cstddef>

#include "federation/json/object_reader.h"
#include "federation/json/reader.h"
#include "federation/json/writer.h"

// What generated codecs are made of: for each message M of a schema its generated header declares, in the
// schema's own namespace,
//
//   federation::json::Writer WriteFields(const M& message, federation::json::Writer out);
//   bool ReadFields(federation::json::Reader& in, federation::json::ObjectReader& object, M* message);
//
// or, where an object is not made of M's own fields, as well as for enums and protobuf's well-known types,
//
//   federation::json::Writer WriteJson(const M& message, federation::json::Writer out);
//   bool ReadJson(federation::json::Reader& in, M* message);
//
// The first one writes one value and returns where to go on; the second one consumes one. The functions of
// federation/json/codec.h turn them into whole documents.
namespace federation::json {

// The object of a message's fields. Inline, as the call took longer than the two braces.
template <typename M>
[[gnu::always_inline]] inline Writer WriteJson(const M& message, Writer out) {
  out.BeginObject();
  out = WriteFields(message, out);
  out.EndObject();
  return out;
}
// The object of a case's fields, behind the tag that tells which case it is; literals that need no escapes.
template <std::size_t N, std::size_t M, typename Case>
[[gnu::always_inline]] inline Writer WriteTagged(const char (&key)[N], const char (&tag)[M],
                                                 const Case& content, Writer out) {
  out.BeginTagged(key, tag);
  out = WriteFields(content, out);
  out.EndTagged();
  return out;
}
template <typename M>
bool ReadJson(Reader& in, M* message) {
  ObjectReader object(in);
  return ReadFields(in, object, message);
}

}  // namespace federation::json
