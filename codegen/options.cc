#include "codegen/options.h"

#include <utility>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <google/protobuf/compiler/code_generator.h>

namespace federation::codegen {
namespace {

struct OutputName {
  const char* name;
  OutputGroup group;
  const char* help;
};

constexpr OutputName kOutputNames[] = {
    {"json", OutputGroup::kJson, "codecs of messages and enums alone"},
    {"updates", OutputGroup::kUpdates, "codecs; and handlers, receivers and senders of update unions"},
    {"rpc", OutputGroup::kRpc, "codecs; and clients and servers of services"},
};

// Takes the value of an option. What is wrong with it, or nothing.
using TakeValue = std::string (*)(const std::string& value, Options* options);

std::string TakeCheck(const std::string& value, Options* options) {
  if (value.empty()) return "option `check` wants a directory: check=DIR";
  if (options->check_dir.has_value()) return "option `check` is given twice";
  options->check_dir = value;
  return "";
}

std::string TakeOutput(const std::string& value, Options* options) {
  std::vector<std::string> known;
  for (const OutputName& row : kOutputNames) {
    if (value == row.name) {
      options->outputs.insert({row.group, OutputGroup::kJson});
      return "";
    }
    known.push_back(absl::StrCat("`", row.name, "`"));
  }
  return absl::StrCat("option `output` has no value `", value, "`; it knows ", absl::StrJoin(known, ", "));
}

struct OptionRow {
  const char* name;
  const char* argument;
  TakeValue take;
  const char* help;
};

constexpr OptionRow kOptionRows[] = {
    {"check", "DIR", TakeCheck,
     "writes nothing, and fails if a file that would be written is missing in DIR or differs"},
    {"output", "NAME", TakeOutput, "what to print; may be repeated, and all is printed without it:"},
};

std::string TakeOption(const std::string& name, const std::string& value, Options* options) {
  std::vector<std::string> known;
  for (const OptionRow& row : kOptionRows) {
    if (name == row.name) return row.take(value, options);
    known.push_back(absl::StrCat("`", row.name, "`"));
  }
  return absl::StrCat("unknown option `", name, "`; protoc-gen-federation knows ",
                      absl::StrJoin(known, ", "));
}

std::string HelpLine(const std::string& indent, const std::string& what, const std::string& help) {
  constexpr std::size_t kHelpColumn = 20;
  std::string line = indent + what;
  line.resize(kHelpColumn, ' ');
  return line + help + "\n";
}

}  // namespace

Options ParseOptions(const std::string& parameter, std::vector<std::string>* errors) {
  Options options;
  std::vector<std::pair<std::string, std::string>> pairs;
  google::protobuf::compiler::ParseGeneratorParameter(parameter, &pairs);
  for (const auto& [name, value] : pairs) {
    std::string error = TakeOption(name, value, &options);
    if (!error.empty()) errors->push_back(std::move(error));
  }
  if (options.outputs.empty()) {
    for (const OutputName& row : kOutputNames) options.outputs.insert(row.group);
  }
  return options;
}

std::string OptionsHelp() {
  std::string help;
  for (const OptionRow& row : kOptionRows) {
    help += HelpLine("  ", absl::StrCat(row.name, "=", row.argument), row.help);
  }
  for (const OutputName& row : kOutputNames) help += HelpLine("    ", row.name, row.help);
  return help;
}

}  // namespace federation::codegen
