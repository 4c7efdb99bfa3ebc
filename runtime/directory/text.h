#pragma once

#include <string>
#include <string_view>

#include <absl/strings/string_view.h>

// Text for error messages.
namespace federation::directory {

// Debian's Abseil has a string view of its own, to which the standard one does not convert.
inline absl::string_view ToAbsl(std::string_view text) { return absl::string_view(text.data(), text.size()); }

// Text that came from elsewhere, in quotes and with escapes for what is not printable ASCII; long text is
// cut.
std::string Quote(std::string_view text);

}  // namespace federation::directory
