#include "codegen/plugin.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <google/protobuf/descriptor.h>

#include "codegen/model/build.h"
#include "codegen/model/checks.h"
#include "codegen/model/cpp_claims.h"
#include "codegen/model/diagnostics.h"
#include "codegen/model/model.h"
#include "codegen/options.h"
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

void AddFile(const std::string& name, std::string content, CodeGeneratorResponse* response) {
  CodeGeneratorResponse::File* file = response->add_file();
  file->set_name(name);
  file->set_content(std::move(content));
}

}  // namespace

CodeGeneratorResponse Generate(const CodeGeneratorRequest& request, const ReadFile& read_file) {
  std::vector<std::string> errors;
  const Options options = ParseOptions(request.parameter(), &errors);
  if (!errors.empty()) return Answer(errors);

  DescriptorPool pool;
  const std::vector<const FileDescriptor*> files = LoadFiles(request, &pool, &errors);
  if (!errors.empty()) return Answer(errors);

  Diagnostics diagnostics;
  CppClaimIndex index;
  std::vector<File> models;
  models.reserve(files.size());
  for (const FileDescriptor* file : files) {
    if (CheckFile(*file, index, diagnostics)) models.push_back(BuildFile(*file));
  }
  CodeGeneratorResponse response = Answer(diagnostics.Lines());
  if (response.has_error()) return response;

  for (const File& model : models) {
    AddFile(model.stem + ".federation.h", PrintHeader(model, options.outputs), &response);
    AddFile(model.stem + ".federation.cc", PrintSource(model, options.outputs), &response);
  }
  if (options.check_dir.has_value()) return Answer(FindStale(response, *options.check_dir, read_file));
  return response;
}

}  // namespace federation::codegen
