#include "https/server_connection.h"

#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "https/event_loop_impl.h"
#include "log/log.h"

namespace federation::https {
namespace {

// An idle connection keeps no larger buffer than this.
constexpr std::size_t kIdleInputBytesMax = 4096;

}  // namespace

ServerConnection::ServerConnection(std::shared_ptr<ServerShared> shared, std::unique_ptr<TlsStream> stream,
                                   std::uint64_t number)
    : shared_(std::move(shared)),
      stream_(std::move(stream)),
      number_(number),
      answered_(shared_->loop.impl().context),
      sent_(shared_->loop.impl().context) {
  answered_.expires_at(Alarm::time_point::max());
  sent_.expires_at(Alarm::time_point::max());
}

Task<void> ServerConnection::Run(std::shared_ptr<ServerConnection> self) {
  TlsStream& stream = *self->stream_;
  const HttpLimits& limits = self->shared_->limits;
  stream.ExpireReadAfter(limits.handshake_timeout);
  const absl::Status status = co_await stream.Handshake();
  if (!status.ok()) {
    Log().debug("a TLS handshake failed: {}", status.ToString());
    co_await stream.Linger(limits.linger_bytes_max, limits.linger_timeout);
    co_return;
  }
  self->identity_ = PeerIdentity(stream.peer_certificate());
  self->writing_ = true;
  asio::co_spawn(self->shared_->loop.impl().context, WriteAnswers(self), asio::detached);
  std::exception_ptr thrown;
  try {
    while (self->reading_ != Reading::kEnded) co_await self->ReadRequest();
  } catch (...) {
    thrown = std::current_exception();
    self->Abort();
  }
  while (self->writing_) {
    boost::system::error_code woken;
    co_await self->sent_.async_wait(AwaitInto(woken));
  }
  if (thrown) std::rethrow_exception(thrown);
  if (self->end_told_ || self->draining_) {
    co_await stream.Linger(limits.linger_bytes_max, limits.linger_timeout);
  }
  stream.SendEnd();
  stream.Close();
}

void ServerConnection::Drain() {
  draining_ = true;
  if (reading_ != Reading::kBetweenRequests) return;
  EndReading();
  if (answers_.empty()) {
    stream_->SendEnd();
    stream_->Close();
  }
}

void ServerConnection::Abort() {
  aborted_ = true;
  stream_->Close();
  EndReading();
}

void ServerConnection::EndReading() {
  reading_ = Reading::kEnded;
  // The reader may wait for bytes, or for answers to be sent; the writer for answers.
  stream_->ExpireRead();
  sent_.cancel();
  answered_.cancel();
}

void ServerConnection::Answer(AnswerQueue::Number number, Response response) {
  answers_.Set(number, std::move(response));
  if (answers_.has_ready()) answered_.cancel();
}

Task<void> ServerConnection::WriteAnswers(std::shared_ptr<ServerConnection> self) {
  try {
    while (co_await self->WriteBatch()) continue;
  } catch (const std::exception& exception) {
    Log().error("a connection was closed: {}", exception.what());
    self->Abort();
  }
  self->writing_ = false;
  self->sent_.cancel();
}

Task<bool> ServerConnection::WriteBatch() {
  while (!aborted_ && !answers_.has_ready()) {
    if (reading_ == Reading::kEnded && answers_.empty()) co_return false;
    boost::system::error_code woken;
    co_await answered_.async_wait(AwaitInto(woken));
  }
  if (aborted_) co_return false;
  const auto parts = answers_.NextBatch(reading_ == Reading::kEnded, shared_->date.Now());
  stream_->ExpireWriteAfter(shared_->limits.write_timeout);
  const absl::Status status = co_await stream_->Write(parts);
  stream_->ExpireWriteNever();
  if (!status.ok()) {
    // Nobody is there to be answered.
    Abort();
    co_return false;
  }
  end_told_ = answers_.TakeBatch();
  sent_.cancel();
  if (answers_.empty() && reading_ == Reading::kBetweenRequests) BecomeIdle();
  co_return !end_told_;
}

void ServerConnection::BecomeIdle() {
  if (input_.capacity() > kIdleInputBytesMax) input_.Shrink();
  stream_->ExpireReadAfter(shared_->limits.idle_timeout);
}

}  // namespace federation::https
