#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "federation/protection.h"

#include "transport/transport.h"

// The protection level between a transport and what uses it: what is above sees a transport, what is below
// sees bodies.
namespace federation::transport {

// A client whose calls are protected, and whose answers are checked. As thread-safe as the one below.
class ProtectedClient final : public Client {
 public:
  // Borrows `client`, and calls `later`, which runs a task on the loop, but not at once. `origin`: who calls.
  // Answers that come to more than `answer_bytes_max` are refused.
  ProtectedClient(Client& client, std::shared_ptr<Protection> protection, std::string origin,
                  std::size_t answer_bytes_max, std::function<void(std::function<void()>)> later);

  // Errors beside those of the client below: unavailable if the protection refuses the call or its answer.
  void Post(Call call, Done done) override;

 private:
  Client& client_;
  const std::shared_ptr<Protection> protection_;
  const std::string origin_;
  const std::size_t answer_bytes_max_;
  const std::function<void(std::function<void()>)> later_;
};

// A handler that sees checked requests, and whose responses are protected. `destination`: who is asked, where
// a request does not say it. A request that comes to more than `request_bytes_max` is answered with 413, one
// that does not check with 403. What is no POST to a target below /http/v1/ goes by, and so does its answer.
Handler Protected(std::shared_ptr<Protection> protection, std::string destination,
                  std::size_t request_bytes_max, Handler handler);

}  // namespace federation::transport
