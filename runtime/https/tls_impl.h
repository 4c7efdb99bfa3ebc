#pragma once

#include <memory>

#include <openssl/ssl.h>

#include "https/tls.h"

namespace federation::https {

struct FreeTls {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* connection) const { SSL_free(connection); }
};

struct TlsContext::Impl {
  std::unique_ptr<SSL_CTX, FreeTls> server;
  std::unique_ptr<SSL_CTX, FreeTls> client;
};

}  // namespace federation::https
