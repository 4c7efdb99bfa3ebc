#pragma once

#include <optional>
#include <string>
#include <string_view>

// What Beast's parser takes and another one may read differently. Whoever stands between two servers has a
// parser of his own; a head that two of them disagree on is how one request is smuggled inside of another.
namespace federation::https {

// What is wrong with the bytes of a complete head; empty if nothing. Control bytes (RFC 9110, section 5.5:
// NUL, CR and LF are dangerous, and the others have no use), lines that go on in the next one (RFC 9112,
// section 5.2).
std::string_view FindByteFault(std::string_view head);

// The same for the line that a request begins with: one method, one target and one version, with one space
// between them, in visible ASCII (RFC 9112, section 3).
std::string_view FindRequestLineFault(std::string_view head);

// Whether a value of Host names a host, with a port or without (RFC 9110, section 7.2).
bool IsHost(std::string_view text);

// What a request asks for, as the path that handlers know: that of a target in absolute form without its
// scheme and authority (RFC 9112, section 3.2.2). None if it is of no form that fits the method, or its
// authority is not `host`.
std::optional<std::string> PathOf(std::string_view method, std::string_view target, std::string_view host);

}  // namespace federation::https
