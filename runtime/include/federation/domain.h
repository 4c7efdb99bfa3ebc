#pragma once

#include <string_view>

#include <absl/status/status.h>

namespace federation {

// Whether `domain` can name a server: a DNS name (RFC 1123, section 2.1) in the one spelling that names are
// compared in. Lower case letters, digits and hyphens (A-labels, RFC 5890, for other scripts) in labels of 1
// to 63 bytes with dots between them, 253 bytes in all, no dot at the end; not an IP address. Errors: invalid
// argument that quotes the domain and says what is wrong. Thread-safe.
absl::Status ValidateDomain(std::string_view domain);

}  // namespace federation
