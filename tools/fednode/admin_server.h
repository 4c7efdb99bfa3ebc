#pragma once

#include <memory>
#include <string>

#include <absl/status/statusor.h>
#include <grpcpp/grpcpp.h>

#include "federation/node.h"
#include "federation/store.h"

#include "fednode/send.h"
#include "fednode/tail_hub.h"

namespace federation::fednode {

// Serves the admin service of a node, with server reflection, on a Unix socket that only the user of the
// process can open. The umask must keep others out (077): it is what protects the socket before its mode is
// set.
class AdminServer {
 public:
  // Removes a socket that an ended process has left. Errors: failed precondition (a process listens there, or
  // it is no socket), unavailable. `send_all` hands
  // strong updates to the node. Borrows the node, its store and the hub.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(const std::string& socket_path, Node& node,
                                                            Store& store, TailHub& tail,
                                                            const OutboxLimits& limits, SendAll send_all);
  // Takes no more calls, finishes those that run, and removes the socket.
  ~AdminServer();

 private:
  class Service;
  AdminServer(std::string socket_path, std::unique_ptr<Service> service, std::unique_ptr<grpc::Server> server,
              TailHub& tail);

  const std::string socket_path_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
  TailHub& tail_;
};

}  // namespace federation::fednode
