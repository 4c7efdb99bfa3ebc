#pragma once

#include <string>

namespace federation::discovery {

// Whether the tables of this machine lead anywhere from here for an IP address. Sends nothing, and says
// nothing of what is on the way. Thread-safe.
bool HasRouteTo(const std::string& ip);

}  // namespace federation::discovery
