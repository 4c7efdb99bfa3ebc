#include "https/tls_stream.h"

#include <cerrno>
#include <utility>

#include <absl/strings/str_cat.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "https/certificate.h"
#include "https/error_words.h"

namespace federation::https {
namespace {

// The greatest TLS record (RFC 8446, section 5.1): what one SSL_read can yield.
constexpr std::size_t kReadBytesMax = std::size_t{16} * 1024;

// OpenSSL keeps the number of the socket, which belongs to another connection soon after the socket is
// closed.
absl::Status Closed() { return absl::CancelledError("the connection was closed"); }

// Reads and forgets what a socket has. Returns how much that was; 0 if nothing more will come.
std::size_t Drop(int socket) {
  char bytes[kReadBytesMax];
  const ssize_t count = recv(socket, bytes, sizeof(bytes), 0);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

}  // namespace

std::unique_ptr<TlsStream> TlsStream::ForServer(EventLoop& loop, Socket socket, const TlsContext& tls) {
  std::unique_ptr<TlsStream> stream(new TlsStream(loop, std::move(socket), tls.impl().server.get()));
  SSL_set_accept_state(stream->ssl_.get());
  return stream;
}

std::unique_ptr<TlsStream> TlsStream::ForClient(EventLoop& loop, Socket socket, const TlsContext& tls,
                                                const std::string& domain) {
  std::unique_ptr<TlsStream> stream(new TlsStream(loop, std::move(socket), tls.impl().client.get()));
  SSL* ssl = stream->ssl_.get();
  SSL_set_connect_state(ssl);
  SSL_set_tlsext_host_name(ssl, domain.c_str());
  SSL_set_hostflags(ssl, kNameCheckFlags);
  SSL_set1_host(ssl, domain.c_str());
  stream->domain_ = domain;
  return stream;
}

TlsStream::TlsStream(EventLoop& loop, Socket socket, SSL_CTX* context)
    : socket_(std::move(socket)), ssl_(SSL_new(context)), deadline_(loop, [this] {
        expired_ = true;
        boost::system::error_code ignored;
        socket_.cancel(ignored);
      }) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  // Requests and answers are written whole: waiting for more to send with them costs time only.
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  SSL_set_fd(ssl_.get(), socket_.native_handle());
}

Task<absl::Status> TlsStream::Handshake() {
  if (!socket_.is_open()) co_return Closed();
  for (;;) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) co_return absl::OkStatus();
    const Progress progress = ProgressOf(result);
    if (progress == Progress::kEnded) co_return absl::UnavailableError("the peer closed the connection");
    if (progress == Progress::kFailed) {
      const long verified = SSL_get_verify_result(ssl_.get());
      if (verified == X509_V_OK) co_return Failure();
      co_return absl::PermissionDeniedError(CertificateWords(verified, domain_));
    }
    const absl::Status waited = co_await WaitFor(progress);
    if (!waited.ok()) co_return waited;
  }
}

Task<absl::StatusOr<std::size_t>> TlsStream::ReadSome(std::string* bytes) {
  if (!socket_.is_open()) co_return Closed();
  // Mostly nothing has arrived yet: asking the socket first would be a wasted call.
  Progress progress = SSL_has_pending(ssl_.get()) == 1 ? Progress::kDone : Progress::kWantRead;
  for (;;) {
    if (progress == Progress::kWantRead || progress == Progress::kWantWrite) {
      const absl::Status waited = co_await WaitFor(progress);
      if (!waited.ok()) co_return waited;
    }
    std::size_t count = 0;
    progress = TryRead(bytes, &count);
    if (progress == Progress::kDone || progress == Progress::kEnded) co_return count;
    if (progress == Progress::kFailed) co_return Failure();
  }
}

Task<absl::Status> TlsStream::Write(std::string_view bytes) {
  if (!socket_.is_open()) co_return Closed();
  while (!bytes.empty()) {
    ERR_clear_error();
    std::size_t written = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
    if (result == 1) {
      bytes.remove_prefix(written);
      continue;
    }
    const Progress progress = ProgressOf(result);
    if (progress == Progress::kEnded) co_return absl::UnavailableError("the peer closed the connection");
    if (progress == Progress::kFailed) co_return Failure();
    const absl::Status waited = co_await WaitFor(progress);
    if (!waited.ok()) co_return waited;
  }
  co_return absl::OkStatus();
}

void TlsStream::ExpireAfter(std::chrono::milliseconds time) {
  expired_ = false;
  deadline_.Set(time);
}

void TlsStream::ExpireNever() {
  expired_ = false;
  deadline_.Clear();
}

bool TlsStream::IsQuiet() {
  if (!socket_.is_open()) return false;
  std::string unexpected;
  std::size_t count = 0;
  return TryRead(&unexpected, &count) == Progress::kWantRead;
}

void TlsStream::SendEnd() {
  if (!socket_.is_open()) return;
  // After a failure OpenSSL has sent its alert and must not be used any more.
  if (failure_.empty()) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

Task<void> TlsStream::Linger(std::size_t bytes_max, std::chrono::milliseconds time_max) {
  SendEnd();
  ExpireAfter(time_max);
  for (std::size_t dropped = 0; dropped < bytes_max;) {
    const absl::Status waited = co_await WaitFor(Progress::kWantRead);
    if (!waited.ok()) co_return;
    const std::size_t count = Drop(socket_.native_handle());
    if (count == 0) co_return;
    dropped += count;
  }
}

void TlsStream::Close() {
  deadline_.Clear();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

TlsStream::Progress TlsStream::ProgressOf(int result) {
  const int system_error = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Progress::kWantRead;
    case SSL_ERROR_WANT_WRITE:
      return Progress::kWantWrite;
    case SSL_ERROR_ZERO_RETURN:
      return Progress::kEnded;
    case SSL_ERROR_SYSCALL:
      failure_ = SystemWords(system_error);
      return Progress::kFailed;
    default:
      break;
  }
  // A peer that closes without saying so (RFC 8446, section 6.1): lengths tell whether something is missing.
  if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    ERR_clear_error();
    return Progress::kEnded;
  }
  failure_ = absl::StrCat("TLS: ", TlsWords());
  return Progress::kFailed;
}

TlsStream::Progress TlsStream::TryRead(std::string* bytes, std::size_t* count) {
  char chunk[kReadBytesMax];
  ERR_clear_error();
  const int result = SSL_read_ex(ssl_.get(), chunk, sizeof(chunk), count);
  if (result != 1) return ProgressOf(result);
  bytes->append(chunk, *count);
  return Progress::kDone;
}

Task<absl::Status> TlsStream::WaitFor(Progress wanted) {
  boost::system::error_code error;
  if (!expired_ && socket_.is_open()) {
    const auto direction = wanted == Progress::kWantWrite ? Socket::wait_write : Socket::wait_read;
    co_await socket_.async_wait(direction, AwaitInto(error));
  }
  if (expired_) co_return absl::DeadlineExceededError("timed out");
  if (!socket_.is_open()) co_return Closed();
  if (error) co_return absl::UnavailableError(SystemWords(error.value()));
  co_return absl::OkStatus();
}

absl::Status TlsStream::Failure() const { return absl::UnavailableError(failure_); }

}  // namespace federation::https
