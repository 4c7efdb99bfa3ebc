#pragma once

#include <istream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace federation::fednode {

// Lets CLI11 read its options from TOML: a key is the long name of an option without the dashes, and an
// option that may stand several times takes an array. Unknown keys, tables, and values of other types are
// errors that name line and key. Borrows the app whose options it reads.
class TomlConfig final : public CLI::Config {
 public:
  explicit TomlConfig(const CLI::App& app) : app_(app) {}

  // Throws CLI::ConfigError, which CLI::App::parse expects.
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;
  // The options that are set, or with `defaults` all, as a file that from_config reads; `descriptions` adds
  // comments.
  std::string to_config(const CLI::App* app, bool defaults, bool descriptions,
                        std::string prefix) const override;

 private:
  const CLI::App& app_;
};

}  // namespace federation::fednode
