#include "https/client_destination.h"

#include <algorithm>
#include <array>
#include <exception>
#include <string_view>
#include <utility>

#include <absl/strings/str_cat.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "https/call_exchange.h"
#include "https/event_loop_impl.h"
#include "log/log.h"

namespace federation::https {

ClientDestination::ClientDestination(std::shared_ptr<const ClientShared> shared, std::function<void()> unused)
    : shared_(std::move(shared)), unused_(std::move(unused)), idle_(shared_->loop, [this] {
        if (running_) return;
        CloseStream();
        unused_();
      }) {}

void ClientDestination::Post(Call call, Client::Done done) {
  const auto pending = std::make_shared<PendingCall>(shared_->loop, std::move(call), std::move(done));
  queue_.push_back(pending);
  pending->timeout.Set(pending->call.timeout, [self = weak_from_this(), late = pending.get()] {
    if (const auto alive = self.lock()) alive->Expire(late);
  });
  if (std::exchange(running_, true)) return;
  // Posted: `done` is never called from within this function.
  shared_->loop.Post([self = shared_from_this()] {
    asio::co_spawn(self->shared_->loop.impl().context, Run(self), asio::detached);
  });
}

void ClientDestination::Abort() {
  queue_.clear();
  // The coroutine that makes the call may be left over in a loop that has stopped.
  if (current_ != nullptr) current_->done = nullptr;
  current_.reset();
  idle_.Clear();
  Interrupt();
}

void ClientDestination::Interrupt() {
  if (dialer_) dialer_->Cancel();
  if (stream_) stream_->Close();
}

void ClientDestination::CloseStream() {
  if (stream_) stream_->SendEnd();
  stream_.reset();
  input_ = HttpInput();
}

void ClientDestination::Expire(const PendingCall* late) {
  if (current_.get() == late) {
    const std::shared_ptr<PendingCall> call = std::exchange(current_, nullptr);
    Interrupt();
    Finish(*call, TimedOut(call->call, "no answer"));
    return;
  }
  const auto found =
      std::find_if(queue_.begin(), queue_.end(), [late](const auto& call) { return call.get() == late; });
  if (found == queue_.end()) return;
  const std::shared_ptr<PendingCall> call = std::move(*found);
  queue_.erase(found);
  Finish(*call, TimedOut(call->call, "the calls before this one did not end"));
}

void ClientDestination::Finish(PendingCall& pending, absl::StatusOr<Answer> answer) {
  pending.timeout.Cancel();
  // It may destroy the client.
  const Client::Done done = std::exchange(pending.done, nullptr);
  try {
    done(std::move(answer));
  } catch (const std::exception& exception) {
    Log().error("{}: the caller threw at the answer: {}", Place(pending.call), exception.what());
  }
}

Task<void> ClientDestination::Run(std::shared_ptr<ClientDestination> self) {
  self->idle_.Clear();
  while (!self->queue_.empty()) {
    const std::shared_ptr<PendingCall> call = self->queue_.front();
    self->queue_.pop_front();
    self->current_ = call;
    absl::StatusOr<Answer> answer = absl::UnavailableError("no answer");
    try {
      answer = co_await self->Perform(call->call);
    } catch (const std::exception& exception) {
      answer = AtPlace(call->call, absl::UnavailableError(exception.what()));
      self->stream_.reset();
    }
    // If the call is not the current one any more, it has timed out or was dropped.
    if (std::exchange(self->current_, nullptr) == call) self->Finish(*call, std::move(answer));
  }
  self->running_ = false;
  if (self->stream_ == nullptr) {
    self->unused_();
    co_return;
  }
  // Before the other side does it, if that is one of us: a call that meets the end of its connection has to
  // be repeated.
  self->idle_.Set(self->shared_->limits.idle_timeout / 2);
}

Task<absl::StatusOr<Answer>> ClientDestination::Perform(const Call& call) {
  bool reused = stream_ != nullptr && stream_address_ == call.address && stream_->IsQuiet();
  for (;;) {
    if (!reused) {
      const absl::Status connected = co_await Connect(call);
      if (!connected.ok()) co_return AtPlace(call, connected);
    }
    bool answered = false;
    absl::StatusOr<Answer> answer = co_await Exchange(call, &answered);
    if (answer.ok()) co_return answer;
    stream_.reset();
    // The other side may have closed an idle connection just before it got the request: that says nothing
    // about the request.
    const bool stale = reused && !answered && current_ != nullptr && absl::IsUnavailable(answer.status());
    if (!stale) co_return AtPlace(call, answer.status());
    if (!call.repeatable) {
      const absl::Status aborted = absl::AbortedError("the connection had been closed while it was idle");
      co_return AtPlace(call, aborted);
    }
    reused = false;
  }
}

Task<absl::Status> ClientDestination::Connect(const Call& call) {
  CloseStream();
  dialer_ = std::make_unique<Dialer>(*shared_);
  absl::StatusOr<std::unique_ptr<TlsStream>> stream = co_await dialer_->Dial(call.address, call.server());
  dialer_.reset();
  if (!stream.ok()) co_return stream.status();
  if (current_ == nullptr) co_return absl::CancelledError("cancelled");
  stream_ = *std::move(stream);
  stream_address_ = call.address;
  co_return absl::OkStatus();
}

Task<absl::StatusOr<Answer>> ClientDestination::Exchange(const Call& call, bool* answered) {
  // The call's own timeout bounds the time until the answer begins.
  stream_->ExpireReadNever();
  const std::string head = RequestHeadOf(call, shared_->origin);
  const std::array<std::string_view, 2> request = {head, call.body};
  stream_->ExpireWriteAfter(shared_->limits.write_timeout);
  const absl::Status written = co_await stream_->Write(request);
  stream_->ExpireWriteNever();
  if (absl::IsDeadlineExceeded(written)) {
    co_return absl::UnavailableError(absl::StrCat("the peer did not take the request within ",
                                                  shared_->limits.write_timeout.count(), " ms"));
  }
  // A server that refuses a request may answer and close before it has read all of it.
  absl::StatusOr<ReceivedAnswer> received =
      co_await ReceiveAnswer(*stream_, input_, shared_->limits, answered);
  if (!received.ok()) co_return written.ok() || *answered ? received.status() : written;
  const bool reusable = written.ok() && received->keep_alive && input_.empty();
  if (!reusable) CloseStream();
  co_return std::move(received->answer);
}

}  // namespace federation::https
