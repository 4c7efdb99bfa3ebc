#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <absl/status/status.h>

#include "federation/limits.h"

#include "https/answer_gate.h"
#include "https/answer_queue.h"
#include "https/connection_admission.h"
#include "https/event_loop.h"
#include "https/held_bytes.h"
#include "https/http_answer.h"
#include "https/http_head.h"
#include "https/http_input.h"
#include "https/identity.h"
#include "https/net.h"
#include "https/peer_origins.h"
#include "https/record_cutter.h"
#include "https/server.h"
#include "https/tls_stream.h"
#include "transport/problem.h"

namespace federation::https {

using transport::ToResponse;

// What the connections of a server share.
struct ServerShared {
  EventLoop& loop;
  HttpLimits limits;
  ConnectionAdmission admission;
  PeerOrigins origins;
  ServedDomains domains;
  AnswerGate gate;
  HttpDate date;
};

// One accepted connection. A coroutine reads requests and hands them to the handler while another one writes
// the answers to earlier ones, in the order of the requests. On the loop only.
class ServerConnection : public std::enable_shared_from_this<ServerConnection> {
 public:
  // `first`: whose certificate is shown to a client that asks for nothing that is served. `number`: see
  // Request::connection.
  ServerConnection(std::shared_ptr<ServerShared> shared, std::unique_ptr<TlsStream> stream,
                   const ServedDomain& first, std::uint64_t number);
  ~ServerConnection();
  ServerConnection(const ServerConnection&) = delete;
  ServerConnection& operator=(const ServerConnection&) = delete;

  // Serves until the connection has ended.
  static Task<void> Run(std::shared_ptr<ServerConnection> self);

  // Ends the connection at once if it is idle, else after the answers to the requests that have begun to
  // arrive.
  void Drain();
  // Answers what the handler has not answered yet (ServerOptions::when_dismissed, or 503), and ends it after
  // that.
  void Dismiss();
  // Ends it at once. The handler's answers are dropped.
  void Abort();

  // The handler's answer to a request.
  void Answer(AnswerQueue::Number number, Response response);

 private:
  enum class Reading {
    kBetweenRequests,
    kRequest,
    // No request follows: the last answer ends the connection.
    kEnded,
  };
  // Answers on their way.
  struct Batch {
    explicit Batch(AnswerQueue::Parts given) : parts(std::move(given)), cutter(parts) {}

    const AnswerQueue::Parts parts;
    RecordCutter cutter;
    // Whether the socket takes no more of it for the time being.
    bool is_blocked = false;
  };
  // The peer is gone, or silent for too long.
  struct Gone {};
  using Received = std::variant<RequestHead, Problem, Gone>;

  // Reads who the peer is from its certificate, and begins to serve it, unless it has too many connections.
  void Welcome();
  // Reads requests and hands them over, or answers them here, until no more are read.
  Task<void> ReadRequests();
  // The head that what is left of the input begins with; none if more is needed, which is waited for then.
  std::optional<Received> BeginHead(HeadFinder& finder);
  // The same after more has come, if it has.
  std::optional<Received> ReadHead(HeadFinder& finder);
  Received NoHead(const absl::Status& status) const;
  std::optional<Received> TakeHead(HeadFinder& finder);
  // Chooses the domain that a client asks for in the handshake.
  std::optional<TlsContext> ContextFor(const std::string& name);
  // Whether what both sides have established of each other holds for this domain.
  std::optional<Problem> CheckLeadsTo(const ServedDomain& served) const;
  // Which domain a request is for.
  std::variant<ServedDomains::Ptr, Problem> AddresseeOf(const RequestHead& head) const;
  // The head that has come; null if there is none, and no request follows.
  RequestHead* HeadIn(Received& received);
  // Who speaks to whom, or why that is refused. Takes the target and the media type from the head.
  std::variant<Request, Response> Identify(RequestHead& head);
  // When to come again, if the peer speaks for too many.
  std::optional<std::chrono::seconds> CountOrigin(const std::string& origin);
  // Answers a request that is not handed over, and reads on behind it where that makes sense.
  Task<void> TurnAway(const RequestHead& head, Response response);
  // Ok, deadline exceeded, resource exhausted (nothing of it was taken, see HeldBytes), or another error when
  // the peer is gone.
  Task<absl::Status> ReceiveBody(const RequestHead& head, std::string* body);
  // Whether too much waits already for a request with a body of `body_bytes`.
  bool IsFull(std::size_t body_bytes) const;
  // Waits until that is not so.
  Task<void> AwaitRoom(std::size_t body_bytes);
  Task<void> AwaitAllAnswered();
  void Handle(const RequestHead& head, Request request);
  // The request has come, as far as it is read. `may_go_on`: where the next one begins is known, and it is
  // wanted.
  void FinishReading(const RequestHead& head, bool may_go_on);
  // `served`: for whom; null for nobody.
  void CallHandler(const ServedDomain* served, AnswerQueue::Number number, Request request);
  // Answers and ends the connection, as what follows is not read.
  void Refuse(Response response);
  void EndReading();
  // What tells handlers that nobody waits for their answers.
  std::shared_ptr<const std::atomic<bool>> CallerGone();
  void TellCallerGone();

  static Task<void> WriteAnswers(std::shared_ptr<ServerConnection> self);
  // Whether there are answers that can be sent, or may be some time.
  bool MayHaveToSend() const;
  // Sends the answers that are known, as far as the socket takes them now.
  void SendAnswers();
  // All requests that came are answered.
  void BecomeIdle();

  std::shared_ptr<ServerShared> shared_;
  std::unique_ptr<TlsStream> stream_;
  // Whose certificate was shown, and whose authorities the peer's was checked against.
  std::string domain_;
  std::shared_ptr<const ReloadableTls> tls_;
  // The name that the peer asked for, if it chose that domain.
  std::string asked_;
  const std::uint64_t number_;
  // The domain that the latest request is for.
  std::string addressee_;
  PeerIdentity identity_{nullptr};
  // What the peer holds on all of its connections. Before what is counted there.
  std::shared_ptr<PeerHeldBytes> held_;
  // Whether the certificate is good for so many names that they are counted, and the last one that was.
  bool counts_origins_ = false;
  std::string counted_origin_;
  HttpInput input_;
  Reading reading_ = Reading::kBetweenRequests;
  // Whether a request has come: who connects has one.
  bool served_ = false;
  AnswerQueue answers_;
  // Of `answers_`.
  std::optional<Batch> batch_;
  // Whether the reader is about to send what is answered.
  bool handling_ = false;
  // See Request::caller_gone. Made for the first request: most connections are idle ones.
  std::shared_ptr<std::atomic<bool>> caller_gone_;
  // Wakes the writer: an answer is there, or no more requests come.
  Alarm answered_;
  // Wakes the reader: answers have been sent, or the writer has ended.
  Alarm sent_;
  bool writing_ = false;
  // Whether the peer was told that the connection ends.
  bool end_told_ = false;
  bool draining_ = false;
  bool aborted_ = false;
};

}  // namespace federation::https
