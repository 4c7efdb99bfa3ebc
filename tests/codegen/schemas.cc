#include "codegen/schemas.h"

#include <set>

#include <google/protobuf/any.pb.h>
#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/type.pb.h>
#include <gtest/gtest.h>

#include "federation/v1/annotations.pb.h"

#include "codegen/plugin.h"

namespace federation::codegen {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::compiler::CodeGeneratorRequest;
using google::protobuf::compiler::CodeGeneratorResponse;

class ParseErrors : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    ADD_FAILURE() << "schema:" << line + 1 << ":" << column + 1 << ": " << message;
  }
};

class PoolErrors : public DescriptorPool::ErrorCollector {
 public:
  void AddError(const std::string& file, const std::string& element, const google::protobuf::Message*,
                ErrorLocation, const std::string& message) override {
    ADD_FAILURE() << file << ": " << element << ": " << message;
  }
};

FileDescriptorProto Parse(const Schema& schema) {
  google::protobuf::io::ArrayInputStream stream(schema.text.data(), static_cast<int>(schema.text.size()));
  ParseErrors errors;
  google::protobuf::io::Tokenizer tokenizer(&stream, &errors);
  google::protobuf::compiler::Parser parser;
  parser.RecordErrorsTo(&errors);
  FileDescriptorProto file;
  parser.Parse(&tokenizer, &file);
  file.set_name(schema.name);
  return file;
}

// Adds a file behind all that it imports, as protoc does.
void AddWithImports(const FileDescriptor& file, std::set<std::string>* added, CodeGeneratorRequest* request) {
  if (!added->insert(file.name()).second) return;
  for (int i = 0; i < file.dependency_count(); ++i) AddWithImports(*file.dependency(i), added, request);
  FileDescriptorProto* proto = request->add_proto_file();
  file.CopyTo(proto);
  file.CopyJsonNameTo(proto);
  file.CopySourceCodeInfoTo(proto);
}

}  // namespace

CodeGeneratorRequest RequestFor(const std::vector<Schema>& schemas) {
  // The files that tests import are linked in; these uses keep the linker from dropping them.
  v1::FieldRules::descriptor();
  google::protobuf::Any::descriptor();
  google::protobuf::Duration::descriptor();
  google::protobuf::Struct::descriptor();
  google::protobuf::Type::descriptor();

  DescriptorPool pool(DescriptorPool::generated_pool());
  CodeGeneratorRequest request;
  std::set<std::string> added;
  PoolErrors errors;
  for (const Schema& schema : schemas) {
    const FileDescriptor* file = pool.BuildFileCollectingErrors(Parse(schema), &errors);
    if (file == nullptr) return {};
    AddWithImports(*file, &added, &request);
    request.add_file_to_generate(schema.name);
  }
  // Through the wire, as from protoc: so the annotations are read as the generator's own types.
  CodeGeneratorRequest received;
  EXPECT_TRUE(received.ParseFromString(request.SerializeAsString()));
  return received;
}

CodeGeneratorResponse GenerateFrom(const std::vector<Schema>& schemas) {
  return Generate(RequestFor(schemas));
}

}  // namespace federation::codegen
