#pragma once

#include <memory>
#include <string>

#include <absl/status/statusor.h>

namespace federation {

// The protection level: what changes and checks the bodies of requests and answers between the transport,
// which brings them from server to server, and the API, which understands them. TLS ends at the server that a
// connection leads to; what a protection adds holds from the origin to the destination, through a relay, too.
// Signatures and encryption of the embedder's own go here, and neither the transport nor the API knows.
//
// It is there for POSTs to targets below /http/v1/ and the answers to them. What else is asked for is left
// alone: /.well-known/actor-federation is read by those who have agreed on nothing yet.
//
// Both sides must have the same one; NodeOptions::protection takes it. Bodies keep their media type, and may
// become longer: HttpLimits::body_bytes_max of the other side counts what is sent, and here again what came
// of it. Only answers with status 200 are protected: what else comes back may be said by anybody on the way,
// and confirms nothing.
//
// Called on the network's thread: must not block. An error refuses the message and never ends a link: a
// request that does not check is answered with 403; an answer that does not check counts as none.
class Protection {
 public:
  virtual ~Protection() = default;

  // A request and its answer, as the transport sees them.
  struct Exchange {
    std::string origin;       // whose request it is: proved by its certificate, or a trusted relay's word
    std::string destination;  // the domain that it is for
    std::string target;       // what is asked for, such as "/http/v1/updates"
    // For the implementation, which may keep here what ties the answer to the request; each side has its own.
    std::shared_ptr<void> state{};
  };

  // Whether it leaves everything as it is. Then the functions below may not be called at all.
  virtual bool passes_through() const { return false; }

  // On the side that asks. They return what takes the body's place.
  virtual absl::StatusOr<std::string> ProtectRequest(Exchange& exchange, std::string body) = 0;
  virtual absl::StatusOr<std::string> CheckAnswer(Exchange& exchange, std::string body) = 0;

  // On the side that answers.
  virtual absl::StatusOr<std::string> CheckRequest(Exchange& exchange, std::string body) = 0;
  virtual absl::StatusOr<std::string> ProtectAnswer(Exchange& exchange, std::string body) = 0;
};

// Leaves everything as it is, which is what servers do that agreed on nothing else.
class NoProtection final : public Protection {
 public:
  bool passes_through() const override { return true; }
  absl::StatusOr<std::string> ProtectRequest(Exchange&, std::string body) override { return body; }
  absl::StatusOr<std::string> CheckAnswer(Exchange&, std::string body) override { return body; }
  absl::StatusOr<std::string> CheckRequest(Exchange&, std::string body) override { return body; }
  absl::StatusOr<std::string> ProtectAnswer(Exchange&, std::string body) override { return body; }
};

}  // namespace federation
