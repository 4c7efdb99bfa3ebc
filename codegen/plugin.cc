#include "codegen/plugin.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <google/protobuf/compiler/code_generator.h>
#include <google/protobuf/descriptor.h>

#include "codegen/model/build.h"
#include "codegen/model/diagnostics.h"
#include "codegen/model/model.h"
#include "codegen/outputs/outputs.h"

namespace federation::codegen {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::compiler::CodeGeneratorRequest;
using google::protobuf::compiler::CodeGeneratorResponse;

// What protobuf finds wrong with the descriptors of a request; protoc itself never sends such.
class PoolErrors : public DescriptorPool::ErrorCollector {
 public:
  void AddError(const std::string& filename, const std::string& element, const google::protobuf::Message*,
                ErrorLocation, const std::string& message) override {
    lines.push_back(absl::StrCat(filename, ": ", element, ": ", message));
  }

  std::vector<std::string> lines;
};

void CheckParameter(const std::string& parameter, std::vector<std::string>* errors) {
  std::vector<std::pair<std::string, std::string>> options;
  google::protobuf::compiler::ParseGeneratorParameter(parameter, &options);
  for (const auto& [name, value] : options) {
    errors->push_back(absl::StrCat("unknown option `", name, "`; protoc-gen-federation has none"));
  }
}

// The files to generate, by name: so the order in which they were named changes nothing.
std::vector<const FileDescriptor*> LoadFiles(const CodeGeneratorRequest& request, DescriptorPool* pool,
                                             std::vector<std::string>* errors) {
  PoolErrors pool_errors;
  for (const FileDescriptorProto& file : request.proto_file()) {
    pool->BuildFileCollectingErrors(file, &pool_errors);
  }
  *errors = std::move(pool_errors.lines);
  std::vector<std::string> names(request.file_to_generate().begin(), request.file_to_generate().end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<const FileDescriptor*> files;
  for (const std::string& name : names) {
    const FileDescriptor* file = pool->FindFileByName(name);
    if (file != nullptr) {
      files.push_back(file);
    } else if (errors->empty()) {
      errors->push_back(
          absl::StrCat(name, ": is to be generated, but its descriptor did not come with the request"));
    }
  }
  return files;
}

CodeGeneratorResponse Answer(const std::vector<std::string>& errors) {
  CodeGeneratorResponse response;
  response.set_supported_features(CodeGeneratorResponse::FEATURE_PROTO3_OPTIONAL);
  if (!errors.empty()) response.set_error(absl::StrJoin(errors, "\n"));
  return response;
}

}  // namespace

CodeGeneratorResponse Generate(const CodeGeneratorRequest& request) {
  std::vector<std::string> errors;
  CheckParameter(request.parameter(), &errors);
  if (!errors.empty()) return Answer(errors);

  DescriptorPool pool;
  const std::vector<const FileDescriptor*> files = LoadFiles(request, &pool, &errors);
  if (!errors.empty()) return Answer(errors);

  Diagnostics diagnostics;
  std::vector<File> models;
  models.reserve(files.size());
  for (const FileDescriptor* file : files) models.push_back(BuildFile(*file, diagnostics));
  CodeGeneratorResponse response = Answer(diagnostics.Lines());
  if (response.has_error()) return response;

  for (const File& model : models) {
    CodeGeneratorResponse::File* header = response.add_file();
    header->set_name(model.stem + ".federation.h");
    header->set_content(PrintHeader(model));
    CodeGeneratorResponse::File* source = response.add_file();
    source->set_name(model.stem + ".federation.cc");
    source->set_content(PrintSource(model));
  }
  return response;
}

}  // namespace federation::codegen
