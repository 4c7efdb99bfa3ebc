// The two coroutines of a pipeline's connection: the writer and the reader.
#include <exception>
#include <string_view>
#include <utility>

#include "https/client_pipeline.h"

namespace federation::https {
namespace {

// Calls are written together up to this size; a larger one goes alone.
constexpr std::size_t kBatchBytesMax = std::size_t{64} * 1024;

}  // namespace

Task<void> ClientPipeline::WriteCalls(SelfPtr self, ConnectionPtr connection) {
  while (!connection->over && connection->written.ok()) {
    if (self->MustLeave(*connection)) {
      self->Leave(*connection);
      co_return;
    }
    try {
      const auto batch = self->TakeBatch(*connection);
      if (batch.empty()) {
        boost::system::error_code woken;
        co_await connection->wake.async_wait(AwaitInto(woken));
        continue;
      }
      connection->written = co_await self->WriteBatch(*connection, batch);
    } catch (const std::exception& exception) {
      connection->written = absl::UnavailableError(exception.what());
      self->Ended(*connection, connection->written);
    }
    // A failure is left to the reader: a server that refuses a request may answer and close before it has
    // read all of it.
  }
}

bool ClientPipeline::MustLeave(Connection& connection) const {
  if (connection.in_flight != 0 || calls_.empty()) return false;
  if (calls_.front()->call.address != connection.address) return true;
  return connection.used && !connection.stream->IsQuiet();
}

std::vector<std::shared_ptr<ClientPipeline::PendingCall>> ClientPipeline::TakeBatch(Connection& connection) {
  std::vector<std::shared_ptr<PendingCall>> batch;
  if (connection.in_flight == 0) connection.maybe_stale = connection.used;
  std::size_t bytes = 0;
  while (connection.in_flight < calls_.size() && bytes < kBatchBytesMax) {
    const std::shared_ptr<PendingCall>& next = calls_[connection.in_flight];
    if (next->call.address != connection.address) break;
    if (!batch.empty() && bytes + next->call.body.size() > kBatchBytesMax) break;
    bytes += next->call.body.size();
    batch.push_back(next);
    ++connection.in_flight;
  }
  if (!batch.empty()) {
    connection.used = true;
    idle_.Clear();
  }
  return batch;
}

Task<absl::Status> ClientPipeline::WriteBatch(Connection& connection,
                                              const std::vector<std::shared_ptr<PendingCall>>& batch) {
  std::vector<std::string> heads;
  heads.reserve(batch.size());
  std::vector<std::string_view> parts;
  parts.reserve(2 * batch.size());
  for (const auto& pending : batch) {
    parts.push_back(heads.emplace_back(RequestHeadOf(pending->call, shared_->origin)));
    parts.push_back(pending->call.body);
  }
  absl::Status status = co_await connection.stream->Write(parts);
  // They are never repeated from here.
  for (const auto& pending : batch) pending->call.body = std::string();
  co_return status;
}

Task<void> ClientPipeline::ReadAnswers(SelfPtr self, ConnectionPtr connection) {
  while (!connection->over) {
    try {
      if (const absl::Status status = co_await self->AwaitAnswer(*connection); !status.ok()) {
        self->Ended(*connection, status);
        co_return;
      }
      absl::StatusOr<ReceivedAnswer> received =
          co_await ReceiveAnswer(*connection->stream, connection->input, self->shared_->limits, nullptr);
      if (connection->over) co_return;
      if (!received.ok()) {
        self->Ended(*connection, received.status());
      } else {
        self->Answered(*connection, *std::move(received));
      }
    } catch (const std::exception& exception) {
      self->Ended(*connection, absl::UnavailableError(exception.what()));
    }
  }
}

Task<absl::Status> ClientPipeline::AwaitAnswer(Connection& connection) {
  if (connection.input.empty()) {
    const absl::StatusOr<std::size_t> count = co_await connection.input.ReadMore(*connection.stream);
    if (!count.ok()) co_return count.status();
    if (*count == 0) co_return absl::UnavailableError("the peer closed the connection before it answered");
    connection.maybe_stale = false;
  }
  if (connection.in_flight == 0) co_return absl::UnavailableError("the peer sent what nobody had asked for");
  co_return absl::OkStatus();
}

void ClientPipeline::Rest(Connection& connection) {
  if (!connection.written.ok()) {
    Leave(connection);
    return;
  }
  // Before the other side does it, if that is one of us: a call that meets the end of its connection fails.
  idle_.Set(shared_->limits.idle_timeout / 2);
  // A call to another address has waited for this.
  connection.wake.cancel();
}

void ClientPipeline::Answered(Connection& connection, ReceivedAnswer received) {
  const std::shared_ptr<PendingCall> pending = std::move(calls_.front());
  calls_.pop_front();
  --connection.in_flight;
  if (!received.keep_alive) {
    // Before `done`, which may post calls for another connection.
    connection.stream->SendEnd();
    EndWithCalls(connection);
    Finish(*pending, std::move(received.answer));
    FailAll(absl::UnavailableError("the peer closed the connection after the answer to an earlier call"));
    return;
  }
  if (connection.in_flight == 0) Rest(connection);
  Finish(*pending, std::move(received.answer));
}

}  // namespace federation::https
