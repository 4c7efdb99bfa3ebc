#include "support/raw_tls_client.h"

#include <stdexcept>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace federation::support {

RawTlsConnection ConnectRawTls(std::uint16_t port, const TlsFiles& files, const std::string& domain) {
  return ConnectRawTls(port, files, domain, TLS1_3_VERSION);
}

RawTlsConnection ConnectRawTls(std::uint16_t port, const TlsFiles& files, const std::string& domain,
                               int version_max) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(descriptor);
    throw std::runtime_error("nobody listens on port " + std::to_string(port));
  }
  const SslContext context = MakeSslContext(TLS_client_method(), files);
  SSL_CTX_set_max_proto_version(context.get(), version_max);
  RawTlsConnection connection(descriptor, context.get());
  SSL_set_tlsext_host_name(connection.ssl(), domain.c_str());
  SSL_set1_host(connection.ssl(), domain.c_str());
  SSL_set_connect_state(connection.ssl());
  return connection;
}

}  // namespace federation::support
