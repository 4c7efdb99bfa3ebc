#include "fednode/toml_config.h"

#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <toml++/toml.h>

namespace federation::fednode {
namespace {

[[noreturn]] void Fail(const toml::source_region& where, std::string_view what) {
  throw CLI::ConfigError(fmt::format("config file, line {}: {}", where.begin.line, what));
}

std::string TypeName(const toml::node& node) {
  std::ostringstream name;
  name << node.type();
  return name.str();
}

// What the value would be on the command line.
std::string ReadScalar(const std::string& key, const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  Fail(node.source(),
       fmt::format("`{}`: want a string, a whole number, true or false, got a value of type {}", key,
                   TypeName(node)));
}

CLI::ConfigItem ReadItem(const std::string& key, const toml::node& node) {
  CLI::ConfigItem item;
  item.name = key;
  if (const toml::array* values = node.as_array()) {
    for (const toml::node& value : *values) item.inputs.push_back(ReadScalar(key, value));
  } else {
    item.inputs.push_back(ReadScalar(key, node));
  }
  return item;
}

toml::table ParseDocument(std::istream& input) {
  try {
    return toml::parse(input);
  } catch (const toml::parse_error& error) {
    Fail(error.source(), error.description());
  }
}

std::string Quoted(const std::string& text) {
  std::ostringstream out;
  out << toml::value<std::string>(text);
  return out.str();
}

}  // namespace

std::vector<CLI::ConfigItem> TomlConfig::from_config(std::istream& input) const {
  toml::table document = ParseDocument(input);
  std::vector<CLI::ConfigItem> items;
  for (const auto& [key, node] : document) {
    std::string name(key.str());
    const CLI::Option* option = app_.get_option_no_throw("--" + name);
    if (option == nullptr) Fail(key.source(), fmt::format("unknown key `{}`", name));
    if (!option->get_configurable()) {
      Fail(key.source(), fmt::format("`{}` can stand on the command line only", name));
    }
    CLI::ConfigItem item = ReadItem(name, node);
    if (!item.inputs.empty()) items.push_back(std::move(item));
  }
  return items;
}

std::string TomlConfig::to_config(const CLI::App* app, bool defaults, bool descriptions,
                                  std::string prefix) const {
  std::string out;
  for (const CLI::Option* option : app->get_options()) {
    if (!option->get_configurable() || option->get_lnames().empty()) continue;
    std::vector<std::string> values = option->results();
    if (values.empty() && defaults && !option->get_default_str().empty())
      values = {option->get_default_str()};
    if (values.empty()) continue;
    if (descriptions) out += fmt::format("# {}\n", option->get_description());
    for (std::string& value : values) value = Quoted(value);
    std::string joined = fmt::format("{}", fmt::join(values, ", "));
    bool list = option->get_expected_max() > 1 || values.size() > 1;
    out += fmt::format("{}{} = {}\n", prefix, option->get_lnames().front(),
                       list ? fmt::format("[{}]", joined) : joined);
  }
  return out;
}

}  // namespace federation::fednode
