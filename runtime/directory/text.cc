#include "directory/text.h"

#include <cstddef>

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

namespace federation::directory {
namespace {

constexpr std::size_t kQuotedBytesMax = 300;

}  // namespace

std::string Quote(std::string_view text) {
  return absl::StrCat("\"", absl::CHexEscape(ToAbsl(text.substr(0, kQuotedBytesMax))),
                      text.size() > kQuotedBytesMax ? "...\"" : "\"");
}

}  // namespace federation::directory
