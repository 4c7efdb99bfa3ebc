#include "https/tls_stream.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "https/certificate.h"
#include "https/error_words.h"
#include "https/record_cutter.h"

namespace federation::https {
namespace {

// What one SSL_read can yield.
constexpr std::size_t kRecordBytesMax = RecordCutter::kRecordBytesMax;

// Of a connection on which nothing comes for so long the buffers are freed.
constexpr std::chrono::milliseconds kRestsAfter{1000};

// OpenSSL keeps the number of the socket, which belongs to another connection soon after the socket is
// closed.
absl::Status Closed() { return absl::CancelledError("the connection was closed"); }

absl::Status GoneError() { return absl::UnavailableError("the peer closed the connection"); }

// What OpenSSL asks for before each operation. To clear what is empty costs more than to look.
void ClearErrors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

// Reads and forgets what a socket has. Returns how much that was; 0 if nothing more will come.
std::size_t Drop(int socket) {
  char bytes[kRecordBytesMax];
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
                                                const std::vector<std::string>& names) {
  std::unique_ptr<TlsStream> stream(new TlsStream(loop, std::move(socket), tls.impl().client.get()));
  SSL* ssl = stream->ssl_.get();
  SSL_set_connect_state(ssl);
  SSL_set_tlsext_host_name(ssl, names.front().c_str());
  SSL_set_hostflags(ssl, kNameCheckFlags);
  SSL_set1_host(ssl, names.front().c_str());
  for (std::size_t i = 1; i < names.size(); ++i) SSL_add1_host(ssl, names[i].c_str());
  stream->names_ = absl::StrJoin(names, " or ");
  return stream;
}

void TlsStream::ChooseByName(ChooseContext choose) {
  choose_ = std::move(choose);
  ChooseContextByName(ssl_.get(), &choose_);
}

TlsStream::TlsStream(EventLoop& loop, Socket socket, SSL_CTX* context)
    : socket_(std::move(socket)),
      ssl_(SSL_new(context)),
      reading_(loop, *this),
      writing_(loop, *this),
      resting_(loop, [this] { Rest(); }) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  // Requests and answers are written whole: waiting for more to send with them costs time only.
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  SSL_set_fd(ssl_.get(), socket_.native_handle());
}

TlsStream::Side::Side(EventLoop& loop, TlsStream& stream)
    : deadline(loop, [this, &stream] {
        expired = true;
        boost::system::error_code ignored;
        // Wakes both sides; the one whose time has not passed waits again.
        stream.socket_.cancel(ignored);
      }) {}

void TlsStream::Side::ExpireAfter(std::chrono::milliseconds time) {
  expired = false;
  deadline.Set(time);
}

void TlsStream::Side::ExpireNever() {
  expired = false;
  deadline.Clear();
}

Task<absl::Status> TlsStream::Handshake() {
  if (!socket_.is_open()) co_return Closed();
  for (;;) {
    ClearErrors();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) {
      // Requests may have come together with the end of the handshake.
      after_read_ = SSL_has_pending(ssl_.get()) == 1 ? Progress::kDone : Progress::kWantRead;
      co_return absl::OkStatus();
    }
    after_read_ = ProgressOf(result);
    if (after_read_ == Progress::kEnded) co_return GoneError();
    if (after_read_ == Progress::kFailed) {
      const long verified = SSL_get_verify_result(ssl_.get());
      if (verified == X509_V_OK) co_return Failure();
      co_return absl::PermissionDeniedError(CertificateWords(verified, names_));
    }
    const absl::Status waited = co_await AwaitReadable();
    if (!waited.ok()) co_return waited;
  }
}

Task<absl::StatusOr<std::size_t>> TlsStream::ReadSome(std::string* bytes, std::size_t bytes_max) {
  for (;;) {
    if (!may_read()) {
      const absl::Status waited = co_await AwaitReadable();
      if (!waited.ok()) co_return waited;
    }
    std::optional<absl::StatusOr<std::size_t>> count = TryReadSome(bytes, bytes_max);
    if (count) co_return *std::move(count);
  }
}

// Mostly nothing has arrived yet: asking the socket first would be a wasted call. What OpenSSL has itself is
// no sign of more than a part of a record.
bool TlsStream::may_read() const {
  return after_read_ != Progress::kWantRead && after_read_ != Progress::kWantWrite;
}

std::optional<absl::StatusOr<std::size_t>> TlsStream::TryReadSome(std::string* bytes, std::size_t bytes_max) {
  if (!socket_.is_open()) return Closed();
  std::size_t count = 0;
  Progress progress = after_read_;
  if (progress != Progress::kEnded && progress != Progress::kFailed) progress = Progress::kDone;
  while (progress == Progress::kDone && count < bytes_max) {
    std::size_t more = 0;
    progress = TryRead(bytes, bytes_max - count, &more);
    count += more;
    // A record that is not full was the last one for now.
    const bool drained = more < kRecordBytesMax && SSL_has_pending(ssl_.get()) == 0;
    if (progress == Progress::kDone && drained) progress = Progress::kWantRead;
  }
  // An end or a failure behind bytes is the next call's.
  after_read_ = progress;
  if (count > 0 || progress == Progress::kEnded) return count;
  if (progress == Progress::kFailed) return Failure();
  return std::nullopt;
}

Task<absl::Status> TlsStream::Write(std::span<const std::string_view> parts) {
  RecordCutter cutter(parts);
  for (;;) {
    const absl::StatusOr<bool> written = TryWrite(cutter);
    if (!written.ok()) co_return written.status();
    if (*written) co_return absl::OkStatus();
    const absl::Status waited = co_await AwaitWritable();
    if (!waited.ok()) co_return waited;
  }
}

absl::StatusOr<bool> TlsStream::TryWrite(RecordCutter& cutter) {
  if (!socket_.is_open()) return Closed();
  for (std::string_view piece = cutter.Next(); !piece.empty(); piece = cutter.Next()) {
    ClearErrors();
    std::size_t written = 0;
    const int result = SSL_write_ex(ssl_.get(), piece.data(), piece.size(), &written);
    if (result != 1) {
      after_write_ = ProgressOf(result);
      if (after_write_ == Progress::kEnded) return GoneError();
      if (after_write_ == Progress::kFailed) return Failure();
      return false;
    }
    cutter.Take(written);
  }
  return true;
}

void TlsStream::ExpireReadAfter(std::chrono::milliseconds time) { reading_.ExpireAfter(time); }

void TlsStream::ExpireReadNever() { reading_.ExpireNever(); }

void TlsStream::ExpireWriteAfter(std::chrono::milliseconds time) { writing_.ExpireAfter(time); }

void TlsStream::ExpireWriteNever() { writing_.ExpireNever(); }

void TlsStream::ExpireRead() {
  reading_.expired = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

bool TlsStream::IsQuiet() {
  if (!socket_.is_open() || after_read_ == Progress::kEnded || after_read_ == Progress::kFailed) return false;
  std::string unexpected;
  std::size_t count = 0;
  return TryRead(&unexpected, 1, &count) == Progress::kWantRead;
}

void TlsStream::SendEnd() {
  if (!socket_.is_open()) return;
  // After a failure OpenSSL has sent its alert and must not be used any more.
  if (failure_.empty()) {
    ClearErrors();
    SSL_shutdown(ssl_.get());
  }
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

Task<void> TlsStream::Linger(std::size_t bytes_max, std::chrono::milliseconds time_max) {
  SendEnd();
  ExpireReadAfter(time_max);
  for (std::size_t dropped = 0; dropped < bytes_max;) {
    after_read_ = Progress::kWantRead;
    const absl::Status waited = co_await AwaitReadable();
    if (!waited.ok()) co_return;
    const std::size_t count = Drop(socket_.native_handle());
    if (count == 0) co_return;
    dropped += count;
  }
}

void TlsStream::Close() {
  reading_.deadline.Clear();
  writing_.deadline.Clear();
  resting_.Clear();
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

TlsStream::Progress TlsStream::TryRead(std::string* bytes, std::size_t bytes_max, std::size_t* count) {
  ClearErrors();
  const std::size_t size = bytes->size();
  const std::size_t wanted = std::min(bytes_max, kRecordBytesMax);
  *count = 0;
  if (bytes->capacity() - size >= wanted) {
    bytes->resize(size + wanted);
    const int result = SSL_read_ex(ssl_.get(), bytes->data() + size, wanted, count);
    const Progress progress = result == 1 ? Progress::kDone : ProgressOf(result);
    bytes->resize(size + *count);
    return progress;
  }
  char chunk[kRecordBytesMax];
  const int result = SSL_read_ex(ssl_.get(), chunk, wanted, count);
  if (result != 1) return ProgressOf(result);
  bytes->append(chunk, *count);
  return Progress::kDone;
}

Task<absl::Status> TlsStream::WaitFor(Waiting waiting) {
  const bool to_read = waiting == Waiting::kToRead;
  const Progress wanted = to_read ? after_read_ : after_write_;
  const Side& side = to_read ? reading_ : writing_;
  if (to_read) resting_.Set(kRestsAfter);
  boost::system::error_code error;
  do {
    if (side.expired || !socket_.is_open()) break;
    const auto direction = wanted == Progress::kWantWrite ? Socket::wait_write : Socket::wait_read;
    co_await socket_.async_wait(direction, AwaitInto(error));
  } while (error == asio::error::operation_aborted);
  if (side.expired) co_return absl::DeadlineExceededError("timed out");
  if (!socket_.is_open()) co_return Closed();
  if (error) co_return absl::UnavailableError(SystemWords(error.value()));
  co_return absl::OkStatus();
}

void TlsStream::Rest() {
  if (SSL_free_buffers(ssl_.get()) == 0) resting_.Set(kRestsAfter);
}

absl::Status TlsStream::Failure() const { return absl::UnavailableError(failure_); }

}  // namespace federation::https
