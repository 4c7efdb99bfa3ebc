#include "https/server_connection.h"

#include <exception>
#include <utility>

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
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
                                   const ServedDomain& first, std::uint64_t number)
    : shared_(std::move(shared)),
      stream_(std::move(stream)),
      domain_(first.domain),
      tls_(first.tls),
      number_(number),
      held_(shared_->admission.unidentified_bytes()),
      answered_(shared_->loop.impl().context),
      sent_(shared_->loop.impl().context) {
  answered_.expires_at(Alarm::time_point::max());
  sent_.expires_at(Alarm::time_point::max());
}

ServerConnection::~ServerConnection() { TellCallerGone(); }

Task<void> ServerConnection::Run(std::shared_ptr<ServerConnection> self) {
  TlsStream& stream = *self->stream_;
  const HttpLimits& limits = self->shared_->limits;
  stream.ExpireReadAfter(limits.handshake_timeout);
  stream.ChooseByName(
      [connection = self.get()](const std::string& name) { return connection->ContextFor(name); });
  const absl::Status status = co_await stream.Handshake();
  if (!status.ok()) {
    Log().debug("a TLS handshake failed: {}", status.ToString());
    co_await stream.Linger(limits.linger_bytes_max, limits.linger_timeout);
    co_return;
  }
  self->Welcome();
  self->writing_ = true;
  asio::co_spawn(self->shared_->loop.impl().context, WriteAnswers(self), asio::detached);
  std::exception_ptr thrown;
  try {
    co_await self->ReadRequests();
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

std::optional<TlsContext> ServerConnection::ContextFor(const std::string& name) {
  std::string asked = absl::AsciiStrToLower(name);
  const ServedDomains::Ptr served = shared_->domains.FindAsked(asked);
  if (served == nullptr) return std::nullopt;
  domain_ = served->domain;
  tls_ = served->tls;
  asked_ = std::move(asked);
  return tls_->current();
}

void ServerConnection::Welcome() {
  identity_ = PeerIdentity(stream_->peer_certificate());
  const std::string peer = identity_.Key();
  if (peer.empty()) return;
  const HttpLimits& limits = shared_->limits;
  std::shared_ptr<PeerHeldBytes> held = shared_->admission.Identify(number_, peer);
  if (held == nullptr) {
    Refuse(BusyAnswer(429, absl::StrCat("want at most ", limits.connections_per_peer_max,
                                        " connections at the same time")));
    return;
  }
  held_ = std::move(held);
  counts_origins_ = identity_.HasMoreNamesThan(limits.origins_per_peer_max);
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

void ServerConnection::Dismiss() {
  answers_.Dismiss(BusyAnswer(503, "the server was stopped before the request was dealt with"));
  EndReading();
}

void ServerConnection::Abort() {
  aborted_ = true;
  TellCallerGone();
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

std::shared_ptr<const std::atomic<bool>> ServerConnection::CallerGone() {
  if (caller_gone_ == nullptr) caller_gone_ = std::make_shared<std::atomic<bool>>(false);
  return caller_gone_;
}

void ServerConnection::TellCallerGone() {
  if (caller_gone_ != nullptr) *caller_gone_ = true;
}

void ServerConnection::Answer(AnswerQueue::Number number, Response response) {
  // In memory it has its capacity.
  const std::size_t bytes = response.body.capacity();
  PeerHeldBytes::Part held;
  if (bytes > HeldBytes::kSmallAnswerBytes) {
    held = held_->Take(bytes);
    if (!held)
      response = BusyAnswer(503, "too many answers wait to be read: want them read, or fewer at a time");
  }
  answers_.Set(number, std::move(response), std::move(held));
  if (answers_.has_ready() && !handling_) answered_.cancel();
}

Task<void> ServerConnection::WriteAnswers(std::shared_ptr<ServerConnection> self) {
  try {
    for (self->SendAnswers(); self->MayHaveToSend(); self->SendAnswers()) {
      if (self->batch_) {
        const absl::Status writable = co_await self->stream_->AwaitWritable();
        if (!writable.ok()) self->Abort();
      } else {
        boost::system::error_code woken;
        co_await self->answered_.async_wait(AwaitInto(woken));
      }
    }
  } catch (const std::exception& exception) {
    Log().error("a connection was closed: {}", exception.what());
    self->Abort();
  }
  self->writing_ = false;
  self->sent_.cancel();
}

bool ServerConnection::MayHaveToSend() const {
  return !aborted_ && !end_told_ && !(reading_ == Reading::kEnded && answers_.empty());
}

void ServerConnection::SendAnswers() {
  while (!aborted_ && !end_told_ && (batch_ || answers_.has_ready())) {
    if (!batch_) batch_.emplace(answers_.NextBatch(reading_ == Reading::kEnded, shared_->date.Now()));
    const absl::StatusOr<bool> sent = stream_->TryWrite(batch_->cutter);
    // Nobody is there to be answered.
    if (!sent.ok()) return Abort();
    if (!*sent) {
      // One time for all of it, however often the socket takes some.
      if (!std::exchange(batch_->is_blocked, true)) {
        stream_->ExpireWriteAfter(shared_->limits.write_timeout);
      }
      return;
    }
    if (batch_->is_blocked) stream_->ExpireWriteNever();
    batch_.reset();
    end_told_ = answers_.TakeBatch();
    sent_.cancel();
    // The reader does this itself.
    if (answers_.empty() && reading_ == Reading::kBetweenRequests && !handling_) BecomeIdle();
  }
}

void ServerConnection::BecomeIdle() {
  if (input_.capacity() > kIdleInputBytesMax) input_.Shrink();
  stream_->ExpireReadAfter(served_ ? shared_->limits.idle_timeout : shared_->limits.header_timeout);
}

}  // namespace federation::https
