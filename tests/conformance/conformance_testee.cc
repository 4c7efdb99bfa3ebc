// The generated codecs under protobuf's conformance_test_runner: requests come on the standard input and
// answers go to the standard output, each with its length in front (4 bytes, little endian). Ends with the
// input.
//
// The messages of the runner's proto2 suite have groups and extensions, which the generator refuses: these
// cases are skipped, and so are those of the text format.
#include <bit>
#include <cstdint>
#include <cstdio>
#include <string>

#include <google/protobuf/test_messages_proto3.pb.h>

#include "federation/json/codec.h"

#include "conformance.pb.h"
#include "google/protobuf/test_messages_proto3.federation.h"

namespace {

using conformance::ConformanceRequest;
using conformance::ConformanceResponse;
using federation::json::DecodeOptions;
using protobuf_test_messages::proto3::TestAllTypesProto3;

static_assert(std::endian::native == std::endian::little, "lengths are exchanged as they lie in memory");

DecodeOptions OptionsFor(conformance::TestCategory category) {
  DecodeOptions options;
  options.unknown_keys = DecodeOptions::UnknownKeys::kRefuse;
  if (category == conformance::JSON_IGNORE_UNKNOWN_PARSING_TEST) {
    options.unknown_keys = DecodeOptions::UnknownKeys::kIgnore;
    options.unknown_enum_names = DecodeOptions::UnknownEnumNames::kIgnore;
  }
  return options;
}

// Why the case is skipped; null if it is not.
const char* ReasonToSkip(const ConformanceRequest& request) {
  if (request.message_type() != "protobuf_test_messages.proto3.TestAllTypesProto3") {
    return "the generator refuses groups and extensions";
  }
  const bool json_or_binary = request.payload_case() == ConformanceRequest::kJsonPayload ||
                              request.payload_case() == ConformanceRequest::kProtobufPayload;
  const bool to_json_or_binary = request.requested_output_format() == conformance::JSON ||
                                 request.requested_output_format() == conformance::PROTOBUF;
  return json_or_binary && to_json_or_binary ? nullptr : "only JSON and the binary form";
}

// Reads the payload; on failure the answer says why.
bool Parse(const ConformanceRequest& request, TestAllTypesProto3* message, ConformanceResponse* response) {
  if (request.payload_case() == ConformanceRequest::kProtobufPayload) {
    if (message->ParseFromString(request.protobuf_payload())) return true;
    response->set_parse_error("not a message in the binary form");
    return false;
  }
  const absl::Status status =
      federation::json::Decode(request.json_payload(), message, OptionsFor(request.test_category()));
  if (!status.ok()) response->set_parse_error(std::string(status.message()));
  return status.ok();
}

void Serialize(const ConformanceRequest& request, const TestAllTypesProto3& message,
               ConformanceResponse* response) {
  if (request.requested_output_format() == conformance::PROTOBUF) {
    response->set_protobuf_payload(message.SerializeAsString());
    return;
  }
  absl::StatusOr<std::string> json = federation::json::Encode(message);
  if (json.ok()) {
    response->set_json_payload(*std::move(json));
  } else {
    response->set_serialize_error(std::string(json.status().message()));
  }
}

ConformanceResponse Answer(const ConformanceRequest& request) {
  ConformanceResponse response;
  // Asked first: the cases that may fail.
  if (request.message_type() == "conformance.FailureSet") {
    response.set_protobuf_payload(conformance::FailureSet().SerializeAsString());
    return response;
  }
  if (const char* reason = ReasonToSkip(request)) {
    response.set_skipped(reason);
    return response;
  }
  TestAllTypesProto3 message;
  if (Parse(request, &message, &response)) Serialize(request, message, &response);
  return response;
}

bool ReadBlock(std::string* block) {
  std::uint32_t size = 0;
  if (std::fread(&size, sizeof size, 1, stdin) != 1) return false;
  block->resize(size);
  return std::fread(block->data(), 1, size, stdin) == size;
}

bool WriteBlock(const std::string& block) {
  const auto size = static_cast<std::uint32_t>(block.size());
  return std::fwrite(&size, sizeof size, 1, stdout) == 1 &&
         std::fwrite(block.data(), 1, size, stdout) == size && std::fflush(stdout) == 0;
}

}  // namespace

int main() {
  std::string block;
  while (ReadBlock(&block)) {
    ConformanceRequest request;
    if (!request.ParseFromString(block)) {
      std::fputs("conformance_testee: not a request\n", stderr);
      return 1;
    }
    if (!WriteBlock(Answer(request).SerializeAsString())) return 1;
  }
  return 0;
}
