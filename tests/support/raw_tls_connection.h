#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "federation/tls_files.h"

namespace federation::support {

// An HTTP message as it came.
struct RawMessage {
  std::string head;  // with its empty line
  std::string body;

  // Of an answer; 0 for a request.
  int status() const;
  // The value of a header, by its name in any case; empty if there is none.
  std::string Header(std::string_view name) const;
};

// The foreign end of a connection: OpenSSL over a blocking socket, that sends whatever bytes a test wants.
// Reading gives up after 10 s without a byte. Not thread-safe.
class RawTlsConnection {
 public:
  // Takes the connected socket; a handshake follows with the first bytes, or with Handshake.
  RawTlsConnection(int socket, SSL_CTX* context);
  ~RawTlsConnection();
  RawTlsConnection(RawTlsConnection&&) = default;

  // Whether it succeeded.
  bool Handshake();
  // Whether all was sent.
  bool Send(std::string_view bytes);
  // The next message with its body, as long as Content-Length says; none if the peer closed, or went silent,
  // before its end. Interim answers (1xx) are messages of their own.
  std::optional<RawMessage> Receive();
  // Whether the peer closes the connection without another byte.
  bool IsClosedByPeer();
  void Close();

  // How long reading and writing wait for the peer, in place of 10 s.
  void GiveUpAfter(std::chrono::milliseconds silence);

  SSL* ssl() const { return ssl_.get(); }

 private:
  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  bool ReadMore();

  int socket_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  // What has come and was not yet taken.
  std::string input_;
};

// A TLS context with these files. Empty file names are left out: no certificate is shown, or the peer's is
// not checked.
struct FreeSslContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, FreeSslContext>;
SslContext MakeSslContext(const SSL_METHOD* method, const TlsFiles& files);

}  // namespace federation::support
