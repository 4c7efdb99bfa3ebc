#pragma once

#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/json/reader.h"
#include "federation/json/value.h"
#include "federation/json/writer.h"

// Whole documents of what federation/json/value.h describes.
namespace federation::json {

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
