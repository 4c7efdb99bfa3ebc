#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <openssl/types.h>

#include "https/deadline.h"
#include "https/event_loop.h"
#include "https/net.h"
#include "https/record_cutter.h"
#include "https/tls.h"
#include "https/tls_impl.h"

namespace federation::https {

// One TLS connection, for coroutines on the loop. At a time one of them may wait to read, or for the
// handshake, and another one to write.
//
// OpenSSL reads and writes the socket, and Asio says when it is ready. Asio's own ssl::stream keeps 68 KiB of
// buffers for each connection and copies every byte twice more. Here a connection has none while it rests.
//
// Errors of all operations: deadline exceeded (the two deadlines), cancelled (Close), unavailable with the
// reason.
class TlsStream {
 public:
  // What one ReadSome takes if it is not told otherwise.
  static constexpr std::size_t kReadBytesMax = std::size_t{64} * 1024;

  // The side that accepted `socket`.
  static std::unique_ptr<TlsStream> ForServer(EventLoop& loop, Socket socket, const TlsContext& tls);
  // The side that connected `socket`: the peer's certificate has to be valid for one of `names`, at least
  // one; the peer is asked for the first one (SNI).
  static std::unique_ptr<TlsStream> ForClient(EventLoop& loop, Socket socket, const TlsContext& tls,
                                              const std::vector<std::string>& names);

  // Before the handshake, on the side that accepted: `choose` is called with the name that the client asks
  // for, if there is one, and its context takes the place of the first one.
  void ChooseByName(ChooseContext choose);

  // Before any other operation; the deadline for reading bounds it. Errors, beside the others: permission
  // denied (the peer's certificate is refused).
  Task<absl::Status> Handshake();
  // The peer's verified certificate; null if it has none. Borrowed.
  X509* peer_certificate() const { return SSL_get0_peer_certificate(ssl_.get()); }
  // The one that was shown to the peer. Borrowed.
  X509* own_certificate() const { return SSL_get_certificate(ssl_.get()); }

  // Appends what has arrived, at least one byte and at most `bytes_max`, to `bytes` and returns how many
  // there were: 0 when the peer sends no more. Capacity that `bytes` has is filled without a copy between.
  Task<absl::StatusOr<std::size_t>> ReadSome(std::string* bytes, std::size_t bytes_max = kReadBytesMax);
  // Small parts share a TLS record. What `parts` points to has to stay until the end.
  Task<absl::Status> Write(std::span<const std::string_view> parts);

  // What these two are made of, for who exchanges much that is small: a coroutine of its own would cost more
  // than what it does.
  //
  // Whether there may be something to read without a wait.
  bool may_read() const;
  // Waits until there may be.
  Task<absl::Status> AwaitReadable() { return WaitFor(Waiting::kToRead); }
  // As ReadSome; none if there is nothing yet.
  std::optional<absl::StatusOr<std::size_t>> TryReadSome(std::string* bytes,
                                                         std::size_t bytes_max = kReadBytesMax);
  // Writes as much as goes; false if the rest has to wait until the socket takes more.
  absl::StatusOr<bool> TryWrite(RecordCutter& cutter);
  Task<absl::Status> AwaitWritable() { return WaitFor(Waiting::kToWrite); }

  // The deadlines: operations of that side that still wait when it passes fail, until the next call.
  void ExpireReadAfter(std::chrono::milliseconds time);
  void ExpireReadNever();
  void ExpireWriteAfter(std::chrono::milliseconds time);
  void ExpireWriteNever();
  // As if the deadline for reading had passed.
  void ExpireRead();

  // Whether nothing has arrived since the last read: neither data nor the peer's end of the connection.
  bool IsQuiet();

  // Says to the peer that no more follows, without waiting.
  void SendEnd();
  // The same, then reads and drops what the peer still sends, within these bounds. Closing a socket with
  // unread data would reset the connection, and the peer could lose the answer that it has not read yet.
  Task<void> Linger(std::size_t bytes_max, std::chrono::milliseconds time_max);
  // Closes the socket; who waits gets an error.
  void Close();

 private:
  enum class Progress { kDone, kWantRead, kWantWrite, kEnded, kFailed };
  // For whose sake the socket is waited for.
  enum class Waiting { kToRead, kToWrite };

  // The deadline of the operations of one direction.
  struct Side {
    Side(EventLoop& loop, TlsStream& stream);
    void ExpireAfter(std::chrono::milliseconds time);
    void ExpireNever();

    Deadline deadline;
    bool expired = false;
  };

  TlsStream(EventLoop& loop, Socket socket, SSL_CTX* context);

  // What OpenSSL says after an operation returned `result`, which was not success. Keeps the reason of a
  // failure.
  Progress ProgressOf(int result);
  // Reads what one TLS record has.
  Progress TryRead(std::string* bytes, std::size_t bytes_max, std::size_t* count);
  // Waits for what OpenSSL has asked for.
  Task<absl::Status> WaitFor(Waiting waiting);
  // Frees OpenSSL's buffers, or tries again later if there is something in them.
  void Rest();
  absl::Status Failure() const;

  Socket socket_;
  // Called in the handshake.
  ChooseContext choose_;
  std::unique_ptr<SSL, FreeTls> ssl_;
  Side reading_;
  Side writing_;
  // Passes when nothing has come for a while.
  Deadline resting_;
  // What ended the last read (or the handshake): kDone if it took all that it was allowed to.
  Progress after_read_ = Progress::kWantRead;
  // The same of the last write.
  Progress after_write_ = Progress::kDone;
  // Those that the peer's certificate may be valid for, for people.
  std::string names_;
  std::string failure_;
};

}  // namespace federation::https
