#pragma once

#include <cstdint>
#include <string>

#include "federation/tls_files.h"

#include "support/raw_tls_connection.h"

namespace federation::support {

// Connects to a port of 127.0.0.1 as a foreign peer that checks the server's certificate against
// `files.authorities` and for `domain`, and shows `files.certificate`, if they are not empty. Throws if
// nobody listens there; a handshake that fails shows in Handshake, or in the first Send or Receive.
RawTlsConnection ConnectRawTls(std::uint16_t port, const TlsFiles& files, const std::string& domain);

// The same with the highest TLS version that the client speaks, such as TLS1_2_VERSION.
RawTlsConnection ConnectRawTls(std::uint16_t port, const TlsFiles& files, const std::string& domain,
                               int version_max);

}  // namespace federation::support
