#include "https/client_pipeline.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "https/event_loop_impl.h"
#include "log/log.h"

namespace federation::https {

ClientPipeline::Connection::Connection(const ClientShared& shared, const Call& first)
    : address(first.address), server(first.server()), dialer(shared), wake(shared.loop.impl().context) {
  wake.expires_at(Alarm::time_point::max());
}

ClientPipeline::ClientPipeline(std::shared_ptr<const ClientShared> shared, std::function<void()> unused)
    : shared_(std::move(shared)),
      unused_(std::move(unused)),
      due_(shared_->loop, [this] { Expire(); }),
      idle_(shared_->loop, [this] {
        if (connection_ != nullptr && calls_.empty()) Leave(*connection_);
      }) {}

void ClientPipeline::Post(Call call, Client::Done done) {
  const Clock::time_point due = Clock::now() + call.timeout;
  if (due < earliest_due_) {
    earliest_due_ = due;
    due_.Set(call.timeout);
  }
  calls_.push_back(std::make_shared<PendingCall>(std::move(call), std::move(done), due));
  if (connection_ != nullptr) {
    connection_->wake.cancel();
  } else {
    Start();
  }
}

void ClientPipeline::Abort() {
  calls_.clear();
  failing_.clear();
  due_.Clear();
  idle_.Clear();
  if (connection_ != nullptr) End(*connection_);
}

void ClientPipeline::Start() {
  connection_ = std::make_shared<Connection>(*shared_, calls_.front()->call);
  // Posted: `done` is never called from within Post.
  shared_->loop.Post([self = shared_from_this(), connection = connection_] {
    asio::co_spawn(self->shared_->loop.impl().context, Run(self, connection), asio::detached);
  });
}

void ClientPipeline::Expire() {
  const Clock::time_point now = Clock::now();
  earliest_due_ = Clock::time_point::max();
  for (const auto& pending : calls_) earliest_due_ = std::min(earliest_due_, pending->due);
  if (earliest_due_ > now) {
    if (!calls_.empty()) due_.Set(std::chrono::ceil<std::chrono::milliseconds>(earliest_due_ - now));
    return;
  }
  const SelfPtr self = shared_from_this();
  EndWithCalls(*connection_);
  FailAll(absl::UnavailableError("the connection was ended as another call on it had no answer in time"));
}

void ClientPipeline::Leave(Connection& connection) {
  if (connection.stream) connection.stream->SendEnd();
  End(connection);
  if (!calls_.empty()) Start();
}

void ClientPipeline::End(Connection& connection) {
  connection.over = true;
  connection.dialer.Cancel();
  if (connection.stream) connection.stream->Close();
  connection.wake.cancel();
  idle_.Clear();
  if (connection_.get() == &connection) connection_.reset();
  if (connection_ == nullptr && calls_.empty()) unused_();
}

void ClientPipeline::EndWithCalls(Connection& connection) {
  failing_ = std::exchange(calls_, {});
  earliest_due_ = Clock::time_point::max();
  due_.Clear();
  End(connection);
}

void ClientPipeline::FailAll(const absl::Status& status) {
  const Clock::time_point now = Clock::now();
  while (!failing_.empty()) {
    const std::shared_ptr<PendingCall> pending = std::move(failing_.front());
    failing_.pop_front();
    const bool late = pending->due <= now;
    Finish(*pending, late ? TimedOut(pending->call, "no answer") : AtPlace(pending->call, status));
  }
}

void ClientPipeline::Finish(PendingCall& pending, absl::StatusOr<Answer> answer) {
  // It may destroy the client, or post calls.
  const Client::Done done = std::exchange(pending.done, nullptr);
  try {
    done(std::move(answer));
  } catch (const std::exception& exception) {
    Log().error("{}: the caller threw at the answer: {}", Place(pending.call), exception.what());
  } catch (...) {
    Log().error("{}: the caller threw something that is no exception at the answer", Place(pending.call));
  }
}

Task<void> ClientPipeline::Run(SelfPtr self, ConnectionPtr connection) {
  if (connection->over) co_return;
  absl::Status connected = absl::OkStatus();
  try {
    connected = co_await self->Connect(*connection);
  } catch (const std::exception& exception) {
    connected = absl::UnavailableError(exception.what());
  }
  if (connection->over) co_return;
  if (!connected.ok()) {
    self->Ended(*connection, std::move(connected));
    co_return;
  }
  // The calls' own timeouts bound what follows, the writing of them included: a server that deals with
  // earlier ones reads no more of them meanwhile.
  connection->stream->ExpireReadNever();
  asio::co_spawn(self->shared_->loop.impl().context, ReadAnswers(self, connection), asio::detached);
  co_await WriteCalls(self, connection);
}

Task<absl::Status> ClientPipeline::Connect(Connection& connection) {
  absl::StatusOr<std::unique_ptr<TlsStream>> stream =
      co_await connection.dialer.Dial(connection.address, connection.server);
  if (!stream.ok()) co_return stream.status();
  connection.stream = *std::move(stream);
  co_return absl::OkStatus();
}

void ClientPipeline::Ended(Connection& connection, absl::Status status) {
  if (connection.over) return;
  const bool connected = connection.stream != nullptr;
  if (connected && connection.in_flight == 0) {
    Leave(connection);
    return;
  }
  if (!connection.written.ok()) status = connection.written;
  if (connection.maybe_stale && absl::IsUnavailable(status)) {
    status = absl::AbortedError("the connection had been closed while it was idle");
  }
  EndWithCalls(connection);
  FailAll(status);
}

}  // namespace federation::https
