#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/host_port.h"
#include "federation/limits.h"

#include "directory/address_policy.h"
#include "https/client.h"
#include "https/deadline.h"
#include "https/dialer.h"
#include "https/event_loop.h"
#include "https/http_input.h"
#include "https/name_resolver.h"
#include "https/net.h"
#include "https/reloadable_tls.h"
#include "https/tls_stream.h"

namespace federation::https {

// What the destinations of a client share.
struct ClientShared {
  EventLoop& loop;
  std::shared_ptr<const ReloadableTls> tls;
  HttpLimits limits;
  directory::AddressPolicy policy;
  std::shared_ptr<NameResolver> system_names;
  std::string origin;
  Finding finding;
};

// The calls to one domain, one after the other over a connection that is kept between them. On the loop only.
class ClientDestination : public std::enable_shared_from_this<ClientDestination> {
 public:
  // `unused` is called, from within anything else, when there is neither a call nor a connection any more.
  ClientDestination(std::shared_ptr<const ClientShared> shared, std::function<void()> unused);

  void Post(Call call, Client::Done done);
  // Drops all calls, without a word to who made them.
  void Abort();
  // Calls that wait or run.
  std::size_t calls() const { return queue_.size() + (current_ == nullptr ? 0 : 1); }
  bool is_unused() const { return !running_ && stream_ == nullptr; }

 private:
  struct PendingCall {
    PendingCall(EventLoop& loop, Call made, Client::Done when_done)
        : call(std::move(made)), done(std::move(when_done)), timeout(loop) {}
    Call call;
    Client::Done done;
    EventLoop::Timer timeout;
  };

  // Makes the calls of the queue until it is empty.
  static Task<void> Run(std::shared_ptr<ClientDestination> self);
  // Makes the current call. Errors name the place.
  Task<absl::StatusOr<Answer>> Perform(const Call& call);
  Task<absl::Status> Connect(const Call& call);
  // One request and its answer on the connection. `answered` tells whether any byte of an answer came.
  Task<absl::StatusOr<Answer>> Exchange(const Call& call, bool* answered);
  // The call has run out of time, in the queue or as the current one.
  void Expire(const PendingCall* late);
  static void Finish(PendingCall& pending, absl::StatusOr<Answer> answer);
  // Makes the operation that runs fail.
  void Interrupt();
  void CloseStream();

  std::shared_ptr<const ClientShared> shared_;
  const std::function<void()> unused_;
  std::deque<std::shared_ptr<PendingCall>> queue_;
  // The call that runs; null as soon as nobody waits for it.
  std::shared_ptr<PendingCall> current_;
  bool running_ = false;
  // Set while a connection is made.
  std::unique_ptr<Dialer> dialer_;
  std::unique_ptr<TlsStream> stream_;
  // Of the call that it was made for.
  HostPort stream_address_;
  HttpInput input_;
  // Closes a connection that no call has used for a while.
  Deadline idle_;
};

}  // namespace federation::https
