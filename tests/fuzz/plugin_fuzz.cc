// Whatever protoc, or something in its place, sends to the plugin: the answer holds errors or files, is the
// same every time, and does not depend on the order of what is to be generated.
//
// A seed is a request as protoc makes it, without the files that this program has itself; those are added
// here. A plugin that saves its input makes one, and protoc turns it into text and back:
//   printf '#!/bin/sh\ncat > request\n' > protoc-gen-save; chmod +x protoc-gen-save
//   protoc --plugin=protoc-gen-save=./protoc-gen-save --save_out=. chat.proto
//   protoc --decode=google.protobuf.compiler.CodeGeneratorRequest google/protobuf/compiler/plugin.proto <
//   request
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>

#include <google/protobuf/any.pb.h>
#include <google/protobuf/compiler/plugin.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/timestamp.pb.h>

#include "federation/v1/annotations.pb.h"

#include "codegen/plugin.h"
#include "fuzz/mutate_message.h"
#include "fuzz/require.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using federation::fuzz::Require;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::compiler::CodeGeneratorRequest;
using google::protobuf::compiler::CodeGeneratorResponse;

// Adds the file behind all that it imports.
void AddFile(const FileDescriptor& file, std::set<std::string>* added, CodeGeneratorRequest* request) {
  if (!added->insert(file.name()).second) return;
  for (int i = 0; i < file.dependency_count(); ++i) AddFile(*file.dependency(i), added, request);
  file.CopyTo(request->add_proto_file());
}

// The request with the imports that seeds leave out in front.
CodeGeneratorRequest WithStandardFiles(const CodeGeneratorRequest& request) {
  CodeGeneratorRequest whole;
  std::set<std::string> added;
  for (const auto& file : request.proto_file()) added.insert(file.name());
  for (const auto& file : request.proto_file()) {
    for (const std::string& import : file.dependency()) {
      const FileDescriptor* known = DescriptorPool::generated_pool()->FindFileByName(import);
      if (known != nullptr) AddFile(*known, &added, &whole);
    }
  }
  whole.MergeFrom(request);
  return whole;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  // Linked in, so that their files are known.
  federation::v1::FieldRules::descriptor();
  google::protobuf::Any::descriptor();
  google::protobuf::Timestamp::descriptor();
  google::protobuf::Value::descriptor();
  // Protobuf writes what it finds wrong with a descriptor to the log, too.
  google::protobuf::SetLogHandler(nullptr);
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  oracle::Random random(seed);
  CodeGeneratorRequest request;
  if (random.OneIn(8) || !request.ParsePartialFromArray(data, static_cast<int>(size))) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  for (std::size_t n = 1 + random.Below(3); n > 0; --n) federation::fuzz::MutateMessage(random, &request);
  const std::string bytes = request.SerializePartialAsString();
  if (bytes.size() > max_size) return size;
  std::copy(bytes.begin(), bytes.end(), data);
  return bytes.size();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  CodeGeneratorRequest input;
  if (!input.ParseFromArray(data, static_cast<int>(size))) return 0;
  CodeGeneratorRequest request = WithStandardFiles(input);
  const CodeGeneratorResponse response = federation::codegen::Generate(request);
  if (response.has_error()) {
    Require(!response.error().empty() && response.file_size() == 0);
    return 0;
  }
  std::reverse(request.mutable_file_to_generate()->begin(), request.mutable_file_to_generate()->end());
  Require(federation::codegen::Generate(request).SerializeAsString() == response.SerializeAsString());
  return 0;
}
