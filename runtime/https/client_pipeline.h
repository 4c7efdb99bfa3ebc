#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/host_port.h"

#include "https/call_exchange.h"
#include "https/client.h"
#include "https/client_destination.h"
#include "https/deadline.h"
#include "https/dialer.h"
#include "https/http_input.h"
#include "https/net.h"
#include "https/tls_stream.h"

namespace federation::https {

// The pipelined calls to one server (see Call::pipelined), over one connection at a time. A coroutine writes
// the calls while another one reads their answers: two nodes that fill each other's buffers go on. On the
// loop only.
class ClientPipeline : public std::enable_shared_from_this<ClientPipeline> {
 public:
  // `unused` is called, from within anything else, when there is neither a call nor a connection any more.
  ClientPipeline(std::shared_ptr<const ClientShared> shared, std::function<void()> unused);

  void Post(Call call, Client::Done done);
  // Drops all calls, without a word to who made them.
  void Abort();
  bool is_unused() const { return connection_ == nullptr && calls_.empty() && failing_.empty(); }

 private:
  using Clock = std::chrono::steady_clock;

  struct PendingCall {
    Call call;
    Client::Done done;
    Clock::time_point due;
  };
  using PendingCalls = std::deque<std::shared_ptr<PendingCall>>;

  // From its making to its end; its coroutines may outlive that for a while.
  struct Connection {
    Connection(const ClientShared& shared, const Call& first);

    // Of the call that it was made for.
    const HostPort address;
    const std::string server;
    Dialer dialer;
    std::unique_ptr<TlsStream> stream;
    HttpInput input;
    // Wakes the writer.
    Alarm wake;
    // The calls at the front of calls_ that are written, or on their way.
    std::size_t in_flight = 0;
    bool used = false;
    // Whether it had been idle before the calls in flight, and not a byte has come since.
    bool maybe_stale = false;
    // Why writing ended, if it did.
    absl::Status written = absl::OkStatus();
    bool over = false;
  };
  using ConnectionPtr = std::shared_ptr<Connection>;
  using SelfPtr = std::shared_ptr<ClientPipeline>;

  // Makes the connection that calls_ wait for.
  void Start();
  static Task<void> Run(SelfPtr self, ConnectionPtr connection);
  Task<absl::Status> Connect(Connection& connection);

  static Task<void> WriteCalls(SelfPtr self, ConnectionPtr connection);
  // The next calls for one write; none if there are none, or a call has to wait for the ones before it.
  std::vector<std::shared_ptr<PendingCall>> TakeBatch(Connection& connection);
  // Whether the connection is not the one for the next call.
  bool MustLeave(Connection& connection) const;
  Task<absl::Status> WriteBatch(Connection& connection,
                                const std::vector<std::shared_ptr<PendingCall>>& batch);

  static Task<void> ReadAnswers(SelfPtr self, ConnectionPtr connection);
  // Waits for an answer to begin.
  Task<absl::Status> AwaitAnswer(Connection& connection);
  void Answered(Connection& connection, ReceivedAnswer received);
  // All calls that were written are answered.
  void Rest(Connection& connection);
  // The connection failed, or ended.
  void Ended(Connection& connection, absl::Status status);

  // Some call has run out of time.
  void Expire();
  // Leaves a connection on which no call is in flight for a new one, if there are calls.
  void Leave(Connection& connection);
  // Nothing is done on the connection any more.
  void End(Connection& connection);
  // Ends the connection and moves all calls to failing_.
  void EndWithCalls(Connection& connection);
  // Finishes failing_ in order; calls whose time has passed fail with that.
  void FailAll(const absl::Status& status);
  static void Finish(PendingCall& pending, absl::StatusOr<Answer> answer);

  std::shared_ptr<const ClientShared> shared_;
  const std::function<void()> unused_;
  // Without an answer, in the order of Post.
  PendingCalls calls_;
  // Those whose connection has ended and whose callers are being told.
  PendingCalls failing_;
  // Null if there is none.
  ConnectionPtr connection_;
  // The earliest time at which a call may be due.
  Clock::time_point earliest_due_ = Clock::time_point::max();
  Deadline due_;
  // Closes a connection that no call has used for a while.
  Deadline idle_;
};

}  // namespace federation::https
