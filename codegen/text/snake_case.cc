#include "codegen/text/snake_case.h"

#include <absl/strings/ascii.h>

namespace federation::codegen::text {
namespace {

bool IsUpper(char c) { return absl::ascii_isupper(static_cast<unsigned char>(c)); }
bool IsLower(char c) { return absl::ascii_islower(static_cast<unsigned char>(c)); }

}  // namespace

std::string SnakeCase(const std::string& name) {
  std::string snake;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool starts_word = IsUpper(name[i]) && i > 0 && name[i - 1] != '_' &&
                             (!IsUpper(name[i - 1]) || (i + 1 < name.size() && IsLower(name[i + 1])));
    if (starts_word) snake.push_back('_');
    snake.push_back(absl::ascii_tolower(static_cast<unsigned char>(name[i])));
  }
  return snake;
}

}  // namespace federation::codegen::text
