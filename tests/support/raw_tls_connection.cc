#include "support/raw_tls_connection.h"

#include <cstdlib>
#include <pthread.h>
#include <signal.h>
#include <stdexcept>
#include <strings.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace federation::support {
namespace {

constexpr std::chrono::seconds kSilenceMax{10};

// OpenSSL's writes to a closed connection raise it; only this thread is spared, to show what others do with
// it.
void BlockSigpipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

int RawMessage::status() const {
  return head.starts_with("HTTP/1.1 ") ? std::atoi(head.c_str() + sizeof("HTTP/1.1")) : 0;
}

std::string RawMessage::Header(std::string_view name) const {
  for (std::size_t line = head.find("\r\n"); line + 4 < head.size(); line = head.find("\r\n", line + 2)) {
    const std::size_t start = line + 2;
    const std::size_t colon = head.find(':', start);
    if (colon - start != name.size() || strncasecmp(head.data() + start, name.data(), name.size()) != 0)
      continue;
    const std::size_t value = head.find_first_not_of(' ', colon + 1);
    return head.substr(value, head.find("\r\n", value) - value);
  }
  return {};
}

RawTlsConnection::RawTlsConnection(int socket, SSL_CTX* context) : socket_(socket), ssl_(SSL_new(context)) {
  BlockSigpipe();
  GiveUpAfter(kSilenceMax);
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  SSL_set_fd(ssl_.get(), socket_);
}

RawTlsConnection::~RawTlsConnection() {
  if (ssl_ != nullptr) Close();
}

bool RawTlsConnection::Handshake() { return SSL_do_handshake(ssl_.get()) == 1; }

bool RawTlsConnection::Send(std::string_view bytes) {
  return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) ==
         static_cast<int>(bytes.size());
}

std::optional<RawMessage> RawTlsConnection::Receive() {
  std::size_t end = input_.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!ReadMore()) return std::nullopt;
    end = input_.find("\r\n\r\n");
  }
  RawMessage message{input_.substr(0, end + 4), {}};
  input_.erase(0, end + 4);
  const std::size_t body_bytes = std::strtoul(message.Header("Content-Length").c_str(), nullptr, 10);
  while (input_.size() < body_bytes) {
    if (!ReadMore()) return std::nullopt;
  }
  message.body = input_.substr(0, body_bytes);
  input_.erase(0, body_bytes);
  return message;
}

bool RawTlsConnection::IsClosedByPeer() {
  if (!input_.empty()) return false;
  char byte;
  const int count = SSL_read(ssl_.get(), &byte, 1);
  if (count > 0) return false;
  const int error = SSL_get_error(ssl_.get(), count);
  // The time-out of the socket is reported as a wish to read again.
  return error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
}

void RawTlsConnection::Close() {
  if (socket_ < 0) return;
  SSL_shutdown(ssl_.get());
  close(socket_);
  socket_ = -1;
}

void RawTlsConnection::GiveUpAfter(std::chrono::milliseconds silence) {
  const timeval time{.tv_sec = silence.count() / 1000, .tv_usec = silence.count() % 1000 * 1000};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
}

bool RawTlsConnection::ReadMore() {
  char bytes[16 * 1024];
  const int count = SSL_read(ssl_.get(), bytes, sizeof(bytes));
  if (count <= 0) return false;
  input_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

SslContext MakeSslContext(const SSL_METHOD* method, const TlsFiles& files) {
  SslContext context(SSL_CTX_new(method));
  if (!files.certificate.empty() &&
      (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1 ||
       SSL_CTX_use_PrivateKey_file(context.get(), files.private_key.c_str(), SSL_FILETYPE_PEM) != 1)) {
    throw std::runtime_error("cannot use " + files.certificate);
  }
  if (!files.authorities.empty()) {
    if (SSL_CTX_load_verify_file(context.get(), files.authorities.c_str()) != 1) {
      throw std::runtime_error("cannot use " + files.authorities);
    }
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  }
  return context;
}

}  // namespace federation::support
