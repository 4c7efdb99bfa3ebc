#include "https/client_destination.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <utility>

#include <absl/strings/str_cat.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "https/event_loop_impl.h"
#include "log/log.h"

namespace federation::https {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint16_t kHttpsPort = 443;

std::string Place(const Call& call) {
  return absl::StrCat(call.destination, " at ", call.address.ToString());
}

absl::Status AtPlace(const Call& call, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(Place(call), ": ", status.message()));
}

absl::Status TimedOut(const Call& call, const char* what) {
  return AtPlace(call,
                 absl::DeadlineExceededError(absl::StrCat(what, " within ", call.timeout.count(), " ms")));
}

// The bytes of the request (RFC 9112). Host is the name that the certificate is checked for, not where it is
// reached.
std::string Serialize(const Call& call, const std::string& origin) {
  const std::string port = call.address.port == kHttpsPort ? "" : absl::StrCat(":", call.address.port);
  std::string timeout;
  if (call.told_deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*call.told_deadline - Clock::now());
    timeout = absl::StrCat("Federation-Timeout: ", std::max<std::int64_t>(left.count(), 0), "\r\n");
  }
  return absl::StrCat("POST ", call.target, " HTTP/1.1\r\nHost: ", call.destination, port,
                      "\r\nFederation-Origin: ", origin, "\r\nFederation-Destination: ", call.destination,
                      "\r\n", timeout, "Content-Type: application/json\r\nContent-Length: ", call.body.size(),
                      "\r\n\r\n", call.body);
}

}  // namespace

ClientDestination::ClientDestination(std::shared_ptr<const ClientShared> shared)
    : shared_(std::move(shared)), idle_(shared_->loop, [this] {
        if (!running_) CloseStream();
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
  if (connector_) connector_->Cancel();
  if (stream_) stream_->Close();
}

void ClientDestination::CloseStream() {
  if (stream_) stream_->SendEnd();
  stream_.reset();
  input_ = std::string();
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
  connector_ = std::make_unique<Connector>(shared_->loop, shared_->tls, shared_->limits, shared_->policy);
  absl::StatusOr<std::unique_ptr<TlsStream>> stream =
      co_await connector_->Connect(call.address, call.destination);
  connector_.reset();
  if (!stream.ok()) co_return stream.status();
  if (current_ == nullptr) co_return absl::CancelledError("cancelled");
  stream_ = *std::move(stream);
  stream_address_ = call.address;
  co_return absl::OkStatus();
}

Task<absl::StatusOr<Answer>> ClientDestination::Exchange(const Call& call, bool* answered) {
  // The call's own timeout bounds what follows.
  stream_->ExpireNever();
  const std::string request = Serialize(call, shared_->origin);
  const absl::Status written = co_await stream_->Write(request);
  // A server that refuses a request may answer and close before it has read all of it.
  const absl::StatusOr<AnswerHead> head = co_await ReceiveHead(answered);
  if (!head.ok()) co_return written.ok() ? head.status() : written;
  absl::StatusOr<std::string> body = co_await ReceiveBody(head->content_length_bytes);
  if (!body.ok()) co_return body.status();
  const bool reusable = written.ok() && head->keep_alive && input_.empty();
  if (!reusable) CloseStream();
  co_return Answer{.status = head->status,
                   .content_type = head->content_type,
                   .body = *std::move(body),
                   .retry_after = head->retry_after};
}

Task<absl::StatusOr<AnswerHead>> ClientDestination::ReceiveHead(bool* answered) {
  const HttpLimits& limits = shared_->limits;
  // One bound for all heads: otherwise interim ones could follow each other for ever.
  std::size_t bytes_left = limits.header_bytes_max;
  for (;;) {
    HeadFinder finder(bytes_left);
    HeadFinder::State state = finder.Find(input_);
    while (state == HeadFinder::State::kPartial) {
      const absl::StatusOr<std::size_t> count = co_await stream_->ReadSome(&input_);
      if (!count.ok()) co_return count.status();
      if (*count == 0) co_return absl::UnavailableError("the peer closed the connection before it answered");
      *answered = true;
      state = finder.Find(input_);
    }
    if (state == HeadFinder::State::kTooLong) {
      co_return absl::UnavailableError(absl::StrCat("the answer is refused: want a header of at most ",
                                                    limits.header_bytes_max, " bytes"));
    }
    if (state == HeadFinder::State::kMalformed) {
      co_return absl::UnavailableError("the answer is refused: a line does not end with CR LF");
    }
    absl::StatusOr<AnswerHead> head =
        ParseAnswerHead(std::string_view(input_).substr(0, finder.head_bytes()), limits.answer_bytes_max);
    input_.erase(0, finder.head_bytes());
    bytes_left -= finder.head_bytes();
    if (!head.ok() || !head->is_interim()) co_return head;
  }
}

Task<absl::StatusOr<std::string>> ClientDestination::ReceiveBody(std::size_t bytes) {
  while (input_.size() < bytes) {
    const absl::StatusOr<std::size_t> count = co_await stream_->ReadSome(&input_);
    if (!count.ok()) co_return count.status();
    if (*count == 0)
      co_return absl::UnavailableError("the peer closed the connection in the middle of its answer");
  }
  std::string body = input_.substr(0, bytes);
  input_.erase(0, bytes);
  co_return body;
}

}  // namespace federation::https
