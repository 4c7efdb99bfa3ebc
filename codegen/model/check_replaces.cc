#include <set>
#include <string>

#include <absl/strings/str_cat.h>

#include "codegen/model/checks.h"
#include "codegen/model/rules.h"
#include "codegen/model/visit.h"

namespace federation::codegen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FileDescriptor;
using v1::MessageRules;

void CheckMessage(const Descriptor& message, Diagnostics& diagnostics) {
  const MessageRules& rules = RulesOf(message);
  if (rules.replaces().empty()) return;
  const auto complain = [&](const std::string& what) {
    diagnostics.Add(AnnotationOf(message, {MessageRules::kReplacesFieldNumber}), what);
  };
  if (rules.delivery() != v1::DELIVERY_WEAK) {
    return complain("`replaces` has no effect: only weak updates replace each other");
  }
  std::set<std::string> names;
  for (const std::string& name : rules.replaces()) {
    if (message.FindFieldByName(name) == nullptr) {
      complain(absl::StrCat("`replaces` names a field `", name, "`, which the message does not have"));
    } else if (!names.insert(name).second) {
      complain(absl::StrCat("`replaces` names the field `", name, "` twice"));
    }
  }
}

}  // namespace

void CheckReplaces(const FileDescriptor& file, Diagnostics& diagnostics) {
  ForEachMessage(file, [&](const Descriptor& message) { CheckMessage(message, diagnostics); });
}

}  // namespace federation::codegen
