#pragma once

#include <string>

namespace federation::directory {

// Whether a host is an IP address in one of the spellings that this project takes: dotted decimal with four
// parts, or those of RFC 4291, section 2.2; without a zone.
bool HostIsIp(const std::string& host);

}  // namespace federation::directory
