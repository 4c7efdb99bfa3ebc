#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include <absl/status/status.h>

#include "federation/limits.h"

#include "https/answer_gate.h"
#include "https/event_loop.h"
#include "https/http_answer.h"
#include "https/http_head.h"
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

// One accepted connection: one request after the other, each answered before the next one is looked at. On
// the loop only.
class ServerConnection : public std::enable_shared_from_this<ServerConnection> {
 public:
  ServerConnection(std::shared_ptr<ServerShared> shared, std::unique_ptr<TlsStream> stream);

  // Serves until the connection has ended.
  static Task<void> Run(std::shared_ptr<ServerConnection> self);

  // Ends the connection at once if it is idle, else after the next answer.
  void Drain();
  // Ends it at once. The handler's answer is dropped.
  void Abort();

  // The handler's answer to the current request.
  void Answer(Response response);

 private:
  // The peer is gone, or silent for too long: there is nobody to answer.
  struct Gone {};
  using Received = std::variant<RequestHead, Problem, Gone>;

  // Serves one request; returns whether another one may follow.
  Task<bool> ServeRequest();
  Task<Received> ReceiveHead();
  std::variant<Request, Problem> Identify(const RequestHead& head);
  // Ok, deadline exceeded, or another error when the peer is gone.
  Task<absl::Status> ReceiveBody(const RequestHead& head, std::string* body);
  // None if the connection was aborted.
  Task<std::optional<Response>> Handle(Request request);
  void CallHandler(Request request);
  // Answers and ends the connection, as what follows is not read.
  Task<void> Refuse(const Problem& problem);
  // Returns whether another request may follow.
  Task<bool> Send(const Response& response, const RequestHead& head, bool body_was_read);
  // Returns whether all was written.
  Task<bool> Write(const Response& response, const AnswerForm& form);

  std::shared_ptr<ServerShared> shared_;
  std::unique_ptr<TlsStream> stream_;
  PeerIdentity identity_{nullptr};
  // What has arrived and is not yet part of a request.
  std::string input_;
  std::optional<Response> answer_;
  Alarm answered_;
  bool idle_ = true;
  bool draining_ = false;
  bool aborted_ = false;
};

}  // namespace federation::https
