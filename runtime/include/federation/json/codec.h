#pragma once

#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

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
// The first one writes one value and returns where to go on; the second one consumes one. The functions below
// turn them into whole documents.
namespace federation::json {

// The object of a message's fields.
template <typename M>
[[gnu::always_inline]] inline Writer WriteJson(const M& message, Writer out) {
  out.BeginObject();
  out = WriteFields(message, out);
  out.EndObject();
  return out;
}
template <typename M>
bool ReadJson(Reader& in, M* message) {
  ObjectReader object(in);
  return ReadFields(in, object, message);
}

// Appends `message` to *out as one JSON document. On failure (a string that is not UTF-8) *out is as it was.
template <typename M>
absl::Status Encode(const M& message, std::string* out) {
  DocumentWriter document(out);
  document = WriteJson(message, document);
  return document.Finish();
}

template <typename M>
absl::StatusOr<std::string> Encode(const M& message) {
  std::string out;
  absl::Status status = Encode(message, &out);
  if (!status.ok()) return status;
  return out;
}

// Reads one whole document into *message, which is cleared first. On failure the content of *message is
// unspecified, and the status, an invalid argument, names the place as DecodeError::ToStatus does.
template <typename M>
absl::Status Decode(std::string_view json, M* message, const DecodeOptions& options = {}) {
  message->Clear();
  Reader reader(json, options);
  if (!ReadJson(reader, message) || !reader.Finish()) return reader.error().ToStatus();
  return absl::OkStatus();
}

}  // namespace federation::json
