#include "support/raw_tls_server.h"

#include <stdexcept>
#include <unistd.h>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace federation::support {

RawTlsServer::RawTlsServer(const TlsFiles& files, Script script, std::uint16_t port)
    : context_(MakeSslContext(TLS_server_method(), files)),
      script_(std::move(script)),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("cannot listen on 127.0.0.1");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

RawTlsServer::~RawTlsServer() {
  // Wakes accept.
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

void RawTlsServer::Serve() {
  for (;;) {
    const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) return;
    RawTlsConnection connection(descriptor, context_.get());
    SSL_set_accept_state(connection.ssl());
    connection.Handshake();
    script_(connection, connections_++);
  }
}

}  // namespace federation::support
