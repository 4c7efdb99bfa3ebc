// Whatever bytes come as JSON of a message, of the standard schema or of one with every kind of field (the
// first byte chooses): they are refused with a place inside of the document, or they are read, written and
// read again as the same.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/require.h"
#include "oracle/canonical_bytes.h"
#include "oracle/codecs.h"

namespace {

using federation::fuzz::Require;
using federation::json::DecodeOptions;
using google::protobuf::Message;
using oracle::Codec;

const Codec& Choose(std::uint8_t byte) {
  static const std::vector<Codec> kCodecs = [] {
    std::vector<Codec> codecs;
    for (const Codec& codec : oracle::CanonicalCodecs()) codecs.push_back(codec);
    for (const Codec& codec : oracle::AnnotatedCodecs()) codecs.push_back(codec);
    return codecs;
  }();
  return kCodecs[byte % kCodecs.size()];
}

std::unique_ptr<Message> Read(const Codec& codec, std::string_view json, const DecodeOptions& options) {
  std::unique_ptr<Message> message(codec.prototype->New());
  const absl::Status status = codec.decode(json, options, message.get());
  if (status.ok()) return message;
  Require(!status.message().empty());
  return nullptr;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Codec& codec = Choose(data[0]);
  const std::string_view json(reinterpret_cast<const char*>(data) + 1, size - 1);
  const DecodeOptions strict = {.unknown_keys = DecodeOptions::UnknownKeys::kRefuse};
  const DecodeOptions lax = {.unknown_keys = DecodeOptions::UnknownKeys::kIgnore,
                             .unknown_enum_names = DecodeOptions::UnknownEnumNames::kIgnore};
  const std::unique_ptr<Message> message = Read(codec, json, lax);
  const std::unique_ptr<Message> strictly = Read(codec, json, strict);
  if (message == nullptr) {
    Require(strictly == nullptr);
    return 0;
  }
  const std::string bytes = oracle::CanonicalBytes(*message);
  if (strictly != nullptr) Require(oracle::CanonicalBytes(*strictly) == bytes);
  const absl::StatusOr<std::string> written = codec.encode(*message);
  Require(written.ok());
  const std::unique_ptr<Message> again = Read(codec, *written, strict);
  Require(again != nullptr && oracle::CanonicalBytes(*again) == bytes);
  return 0;
}
