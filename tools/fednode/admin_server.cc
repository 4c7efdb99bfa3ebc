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
#include "fednode/call.h"
#include "fednode/links.h"
#include "fednode/quarantine.h"
#include "fednode/resolve.h"
#include "fednode/send.h"

namespace federation::fednode {
namespace {

constexpr int kRequestBytesMax = 16 * 1024 * 1024;
// How long calls that run may take when the server stops.
constexpr std::chrono::seconds kShutdownGrace{5};

// gRPC's codes are the canonical ones, as Abseil's are.
grpc::Status ToGrpc(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()));
}

template <typename Response>
grpc::Status Answer(absl::StatusOr<Response> result, Response* response) {
  if (!result.ok()) return ToGrpc(result.status());
  *response = *std::move(result);
  return grpc::Status::OK;
}

// The answer to a call that says how a link is.
template <typename Response>
grpc::Status AnswerLink(absl::StatusOr<admin::v1::Link> link, Response* response) {
  return Answer(std::move(link), response->mutable_link());
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

// All but Tail block for the store or the node, on threads of gRPC; Tail takes no thread while nothing
// happens.
class AdminServer::Service final
    : public admin::v1::Admin::WithCallbackMethod_Tail<admin::v1::Admin::Service> {
 public:
  Service(Node& node, Store& store, TailHub& tail, const OutboxLimits& limits, SendAll send_all)
      : node_(node), store_(store), tail_(tail), limits_(limits), send_all_(std::move(send_all)) {}

  grpc::Status Send(grpc::ServerContext*, const admin::v1::SendRequest* request,
                    admin::v1::SendResponse* response) override {
    if (request->destination().empty()) {
      return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT,
                          "destination: want a domain, got an empty text");
    }
    *response = fednode::Send(node_, tail_, limits_, send_all_, *request);
    return grpc::Status::OK;
  }

  grpc::Status ListLinks(grpc::ServerContext*, const admin::v1::ListLinksRequest*,
                         admin::v1::ListLinksResponse* response) override {
    return Answer(fednode::ListLinks(node_), response);
  }
  grpc::Status GetLink(grpc::ServerContext*, const admin::v1::GetLinkRequest* request,
                       admin::v1::GetLinkResponse* response) override {
    return AnswerLink(fednode::GetLink(node_, request->destination()), response);
  }
  grpc::Status PauseLink(grpc::ServerContext*, const admin::v1::PauseLinkRequest* request,
                         admin::v1::PauseLinkResponse* response) override {
    return AnswerLink(fednode::PauseLink(node_, request->destination()), response);
  }
  grpc::Status ResumeLink(grpc::ServerContext*, const admin::v1::ResumeLinkRequest* request,
                          admin::v1::ResumeLinkResponse* response) override {
    return AnswerLink(fednode::ResumeLink(node_, request->destination()), response);
  }
  grpc::Status WakeLink(grpc::ServerContext*, const admin::v1::WakeLinkRequest* request,
                        admin::v1::WakeLinkResponse* response) override {
    return AnswerLink(fednode::WakeLink(node_, request->destination()), response);
  }
  grpc::Status ResetLink(grpc::ServerContext*, const admin::v1::ResetLinkRequest* request,
                         admin::v1::ResetLinkResponse* response) override {
    return Answer(fednode::ResetLink(node_, request->destination()), response);
  }

  grpc::Status ListQuarantines(grpc::ServerContext*, const admin::v1::ListQuarantinesRequest*,
                               admin::v1::ListQuarantinesResponse* response) override {
    return Answer(fednode::ListQuarantines(store_), response);
  }
  grpc::Status ListQuarantinedUpdates(grpc::ServerContext*,
                                      const admin::v1::ListQuarantinedUpdatesRequest* request,
                                      admin::v1::ListQuarantinedUpdatesResponse* response) override {
    return Answer(fednode::ListQuarantinedUpdates(store_, *request), response);
  }
  grpc::Status GetQuarantinedUpdate(grpc::ServerContext*,
                                    const admin::v1::GetQuarantinedUpdateRequest* request,
                                    admin::v1::GetQuarantinedUpdateResponse* response) override {
    return Answer(fednode::GetQuarantinedUpdate(store_, *request), response);
  }
  grpc::Status ReplayQuarantinedUpdates(grpc::ServerContext*,
                                        const admin::v1::ReplayQuarantinedUpdatesRequest* request,
                                        admin::v1::ReplayQuarantinedUpdatesResponse* response) override {
    return Answer(fednode::ReplayQuarantinedUpdates(node_, store_, *request), response);
  }
  grpc::Status DropQuarantinedUpdates(grpc::ServerContext*,
                                      const admin::v1::DropQuarantinedUpdatesRequest* request,
                                      admin::v1::DropQuarantinedUpdatesResponse* response) override {
    return Answer(fednode::DropQuarantinedUpdates(store_, *request), response);
  }

  grpc::Status Resolve(grpc::ServerContext*, const admin::v1::ResolveRequest* request,
                       admin::v1::ResolveResponse* response) override {
    return Answer(fednode::Resolve(node_, *request), response);
  }

  grpc::Status CallPeer(grpc::ServerContext*, const admin::v1::CallPeerRequest* request,
                        admin::v1::CallPeerResponse* response) override {
    return Answer(fednode::CallPeer(node_, *request), response);
  }

  TailHub::Stream* Tail(grpc::CallbackServerContext*, const admin::v1::TailRequest*) override {
    return tail_.Subscribe();
  }

 private:
  Node& node_;
  Store& store_;
  TailHub& tail_;
  const OutboxLimits limits_;
  const SendAll send_all_;
};

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(const std::string& socket_path, Node& node,
                                                                Store& store, TailHub& tail,
                                                                const OutboxLimits& limits,
                                                                SendAll send_all) {
  absl::Status clear = ClearPath(socket_path);
  if (!clear.ok()) return clear;
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  auto service = std::make_unique<Service>(node, store, tail, limits, std::move(send_all));
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
