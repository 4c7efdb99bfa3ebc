#include "codegen/model/checks.h"

namespace federation::codegen {

bool CheckFile(const google::protobuf::FileDescriptor& file, CppClaimIndex& index, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.size();
  CheckSupport(file, diagnostics);
  CheckAnnotations(file, diagnostics);
  CheckFlattened(file, diagnostics);
  CheckReplaces(file, diagnostics);
  CheckServices(file, diagnostics);
  CheckJsonNames(file, diagnostics);
  CheckCppSpelling(file, diagnostics);
  CheckCppMembers(file, diagnostics);
  CheckCppNames(file, index, diagnostics);
  return diagnostics.size() == before;
}

}  // namespace federation::codegen
