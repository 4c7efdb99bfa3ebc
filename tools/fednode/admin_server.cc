#include "fednode/admin_server.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <sys/stat.h>

#include "federation/admin/v1/admin.grpc.pb.h"

#include "admin/unix_socket.h"
#include "fednode/send.h"

namespace federation::fednode {
namespace {

constexpr int kRequestBytesMax = 16 * 1024 * 1024;
// How long calls that run may take when the server stops.
constexpr std::chrono::seconds kShutdownGrace{5};

admin::v1::Link::State ToProto(LinkStatus::State state) {
  switch (state) {
    case LinkStatus::State::kIdle:
      return admin::v1::Link::STATE_IDLE;
    case LinkStatus::State::kSending:
      return admin::v1::Link::STATE_SENDING;
    case LinkStatus::State::kWaiting:
      return admin::v1::Link::STATE_WAITING;
    case LinkStatus::State::kRefused:
      return admin::v1::Link::STATE_REFUSED;
    case LinkStatus::State::kPaused:
      return admin::v1::Link::STATE_PAUSED;
  }
  return admin::v1::Link::STATE_UNSPECIFIED;
}

void ToProto(const LinkStatus& status, admin::v1::Link* link) {
  link->set_destination(status.destination);
  link->set_assigned(Value(status.assigned));
  link->set_acked(Value(status.acked));
  link->set_pending(status.pending());
  link->set_state(ToProto(status.state));
  if (status.last_heard) {
    using std::chrono::milliseconds;
    link->set_last_heard_ms(
        std::chrono::duration_cast<milliseconds>(status.last_heard->time_since_epoch()).count());
  }
  link->set_last_error(status.last_error);
}

absl::Status ClearPath(const std::string& path) {
  switch (admin::ProbeSocket(path)) {
    case admin::SocketState::kAbsent:
      return absl::OkStatus();
    case admin::SocketState::kStale:
      if (::unlink(path.c_str()) == 0) return absl::OkStatus();
      return absl::UnavailableError(fmt::format("--admin: cannot remove {}: {}", path, std::strerror(errno)));
    case admin::SocketState::kListening:
      return absl::FailedPreconditionError(fmt::format("--admin: another process listens on {}", path));
    case admin::SocketState::kNoSocket:
      return absl::FailedPreconditionError(fmt::format("--admin: {} is there, and is no socket", path));
    case admin::SocketState::kUnreachable:
      break;
  }
  return absl::UnavailableError(fmt::format("--admin: cannot use {}", path));
}

}  // namespace

// Send and ListLinks block for the store, on threads of gRPC; Tail takes no thread while nothing happens.
class AdminServer::Service final
    : public admin::v1::Admin::WithCallbackMethod_Tail<admin::v1::Admin::Service> {
 public:
  Service(Node& node, TailHub& tail, const OutboxLimits& limits)
      : node_(node), tail_(tail), limits_(limits) {}

  grpc::Status Send(grpc::ServerContext*, const admin::v1::SendRequest* request,
                    admin::v1::SendResponse* response) override {
    if (request->destination().empty()) {
      return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT,
                          "destination: want a domain, got an empty text");
    }
    *response = fednode::Send(node_, tail_, limits_, *request);
    return grpc::Status::OK;
  }

  grpc::Status ListLinks(grpc::ServerContext*, const admin::v1::ListLinksRequest*,
                         admin::v1::ListLinksResponse* response) override {
    absl::StatusOr<std::vector<LinkStatus>> links = node_.Links();
    if (!links.ok())
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, std::string(links.status().message()));
    for (const LinkStatus& link : *links) ToProto(link, response->add_links());
    return grpc::Status::OK;
  }

  TailHub::Stream* Tail(grpc::CallbackServerContext*, const admin::v1::TailRequest*) override {
    return tail_.Subscribe();
  }

 private:
  Node& node_;
  TailHub& tail_;
  const OutboxLimits limits_;
};

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(const std::string& socket_path, Node& node,
                                                                TailHub& tail, const OutboxLimits& limits) {
  absl::Status clear = ClearPath(socket_path);
  if (!clear.ok()) return clear;
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  auto service = std::make_unique<Service>(node, tail, limits);
  grpc::ServerBuilder builder;
  int bound = 0;
  builder.AddListeningPort(admin::GrpcTarget(socket_path), grpc::InsecureServerCredentials(), &bound);
  builder.SetMaxReceiveMessageSize(kRequestBytesMax);
  builder.RegisterService(service.get());
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || bound == 0) {
    return absl::UnavailableError(fmt::format("--admin: cannot listen on {}", socket_path));
  }
  auto started =
      std::unique_ptr<AdminServer>(new AdminServer(socket_path, std::move(service), std::move(server), tail));
  if (::chmod(socket_path.c_str(), S_IRUSR | S_IWUSR) != 0) {
    return absl::UnavailableError(fmt::format("--admin: {}: {}", socket_path, std::strerror(errno)));
  }
  return started;
}

AdminServer::AdminServer(std::string socket_path, std::unique_ptr<Service> service,
                         std::unique_ptr<grpc::Server> server, TailHub& tail)
    : socket_path_(std::move(socket_path)),
      service_(std::move(service)),
      server_(std::move(server)),
      tail_(tail) {}

AdminServer::~AdminServer() {
  tail_.Close();
  server_->Shutdown(std::chrono::system_clock::now() + kShutdownGrace);
  server_->Wait();
  ::unlink(socket_path_.c_str());
}

}  // namespace federation::fednode
