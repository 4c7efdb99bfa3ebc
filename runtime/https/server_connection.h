#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include <absl/status/status.h>

#include "federation/limits.h"

#include "https/answer_gate.h"
#include "https/answer_queue.h"
#include "https/event_loop.h"
#include "https/http_answer.h"
#include "https/http_head.h"
#include "https/http_input.h"
#include "https/identity.h"
#include "https/net.h"
#include "https/problem.h"
#include "https/server.h"
#include "https/tls_stream.h"

namespace federation::https {

// What the connections of a server share.
struct ServerShared {
  EventLoop& loop;
  HttpLimits limits;
  Server::Handler handler;
  AnswerGate gate;
  HttpDate date;
};

// One accepted connection. A coroutine reads requests and hands them to the handler while another one writes
// the answers to earlier ones, in the order of the requests. On the loop only.
class ServerConnection : public std::enable_shared_from_this<ServerConnection> {
 public:
  // `number`: see Request::connection.
  ServerConnection(std::shared_ptr<ServerShared> shared, std::unique_ptr<TlsStream> stream,
                   std::uint64_t number);

  // Serves until the connection has ended.
  static Task<void> Run(std::shared_ptr<ServerConnection> self);

  // Ends the connection at once if it is idle, else after the answers to the requests that have begun to
  // arrive.
  void Drain();
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
  // The peer is gone, or silent for too long.
  struct Gone {};
  using Received = std::variant<RequestHead, Problem, Gone>;

  // Reads one request and hands it over, or answers it here.
  Task<void> ReadRequest();
  Task<Received> ReceiveHead();
  // What the bytes begin with; none if more are needed.
  std::optional<Received> TakeHead(HeadFinder& finder);
  std::variant<Request, Problem> Identify(const RequestHead& head);
  // Ok, deadline exceeded, or another error when the peer is gone.
  Task<absl::Status> ReceiveBody(const RequestHead& head, std::string* body);
  // Waits until a request with a body of `body_bytes` may wait with those before it.
  Task<void> AwaitRoom(std::size_t body_bytes);
  Task<void> AwaitAllAnswered();
  void Handle(const RequestHead& head, Request request);
  // The request has come, as far as it is read.
  void FinishReading(const RequestHead& head, bool body_was_read);
  void CallHandler(AnswerQueue::Number number, Request request);
  // Answers and ends the connection, as what follows is not read.
  void Refuse(const Problem& problem);
  void EndReading();

  static Task<void> WriteAnswers(std::shared_ptr<ServerConnection> self);
  // Returns whether there may be more to write.
  Task<bool> WriteBatch();
  // All requests that came are answered.
  void BecomeIdle();

  std::shared_ptr<ServerShared> shared_;
  std::unique_ptr<TlsStream> stream_;
  const std::uint64_t number_;
  PeerIdentity identity_{nullptr};
  HttpInput input_;
  Reading reading_ = Reading::kBetweenRequests;
  AnswerQueue answers_;
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
