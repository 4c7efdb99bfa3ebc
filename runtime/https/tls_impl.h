#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <openssl/ssl.h>

#include "https/tls.h"

namespace federation::https {

struct FreeTls {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* connection) const { SSL_free(connection); }
};

// Which context goes on with a connection whose client asks for the server of this name (SNI); none for the
// one that it has begun with.
using ChooseContext = std::function<std::optional<TlsContext>(const std::string& name)>;

// To be done to a server's connection before the handshake. `choose` is borrowed until the handshake's end.
void ChooseContextByName(SSL* connection, const ChooseContext* choose);

struct TlsContext::Impl {
  std::unique_ptr<SSL_CTX, FreeTls> server;
  std::unique_ptr<SSL_CTX, FreeTls> client;
};

}  // namespace federation::https
