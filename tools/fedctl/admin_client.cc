#include "fedctl/admin_client.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include "admin/unix_socket.h"

namespace federation::fedctl {
namespace {

// A node that is busy answers late; one that does not answer in this time hangs.
constexpr std::chrono::seconds kCallTimeout{60};

// Handlers run again, on as much as a full quarantine.
constexpr std::chrono::minutes kReplayTimeout{10};
// Ten thousand links with what is wrong with each; an update as large as a push.
constexpr int kAnswerBytesMax = 64 * 1024 * 1024;

// gRPC's codes are the canonical ones, as Abseil's are.
absl::Status ToAbsl(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

using Stub = admin::v1::Admin::Stub;

template <typename Request, typename Response>
absl::StatusOr<Response> Call(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                              const Request& request,
                              std::chrono::system_clock::duration timeout = kCallTimeout) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + timeout);
  Response response;
  grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return ToAbsl(status);
  return response;
}

// A call with a destination whose answer is a link.
template <typename Request, typename Response>
absl::StatusOr<admin::v1::Link> CallForLink(Stub& stub,
                                            grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                                         Response*),
                                            const std::string& destination) {
  Request request;
  request.set_destination(destination);
  absl::StatusOr<Response> response = Call(stub, method, request);
  if (!response.ok()) return response.status();
  return std::move(*response->mutable_link());
}

// A request for some updates of an origin, or for all.
template <typename Request>
Request Select(const std::string& origin, const std::vector<std::int64_t>& ids) {
  Request request;
  request.set_origin(origin);
  request.mutable_ids()->Add(ids.begin(), ids.end());
  request.set_all(ids.empty());
  return request;
}

absl::Status CheckSocket(const std::string& path) {
  switch (admin::ProbeSocket(path)) {
    case admin::SocketState::kListening:
      return absl::OkStatus();
    case admin::SocketState::kAbsent:
      return absl::UnavailableError(fmt::format("no node at unix:{}: there is no such socket", path));
    case admin::SocketState::kStale:
      return absl::UnavailableError(fmt::format("no node at unix:{}: nobody listens there", path));
    case admin::SocketState::kNoSocket:
      return absl::UnavailableError(fmt::format("no node at unix:{}: it is no socket", path));
    case admin::SocketState::kUnreachable:
      break;
  }
  return absl::UnavailableError(fmt::format("cannot reach unix:{}: is it another user's?", path));
}

}  // namespace

absl::StatusOr<AdminClient> AdminClient::Connect(const std::string& socket_path) {
  absl::Status status = CheckSocket(socket_path);
  if (!status.ok()) return status;
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kAnswerBytesMax);
  std::shared_ptr<grpc::Channel> channel = grpc::CreateCustomChannel(
      admin::GrpcTarget(socket_path), grpc::InsecureChannelCredentials(), arguments);
  return AdminClient(admin::v1::Admin::NewStub(channel));
}

absl::StatusOr<admin::v1::SendResponse> AdminClient::Send(const std::string& destination,
                                                          std::vector<std::string> updates) {
  admin::v1::SendRequest request;
  request.set_destination(destination);
  for (std::string& update : updates) request.add_updates(std::move(update));
  return Call(*stub_, &Stub::Send, request);
}

absl::StatusOr<admin::v1::ListLinksResponse> AdminClient::ListLinks() {
  return Call(*stub_, &Stub::ListLinks, admin::v1::ListLinksRequest());
}

absl::StatusOr<admin::v1::Link> AdminClient::GetLink(const std::string& destination) {
  return CallForLink(*stub_, &Stub::GetLink, destination);
}

absl::StatusOr<admin::v1::Link> AdminClient::PauseLink(const std::string& destination) {
  return CallForLink(*stub_, &Stub::PauseLink, destination);
}

absl::StatusOr<admin::v1::Link> AdminClient::ResumeLink(const std::string& destination) {
  return CallForLink(*stub_, &Stub::ResumeLink, destination);
}

absl::StatusOr<admin::v1::Link> AdminClient::WakeLink(const std::string& destination) {
  return CallForLink(*stub_, &Stub::WakeLink, destination);
}

absl::StatusOr<admin::v1::ResetLinkResponse> AdminClient::ResetLink(const std::string& destination) {
  admin::v1::ResetLinkRequest request;
  request.set_destination(destination);
  return Call(*stub_, &Stub::ResetLink, request);
}

absl::StatusOr<admin::v1::ResolveResponse> AdminClient::Resolve(const std::string& domain, bool fresh) {
  admin::v1::ResolveRequest request;
  request.set_domain(domain);
  request.set_fresh(fresh);
  return Call(*stub_, &Stub::Resolve, request);
}

absl::StatusOr<admin::v1::CallPeerResponse> AdminClient::CallPeer(const std::string& destination,
                                                                  const std::string& method,
                                                                  const std::string& json,
                                                                  std::chrono::milliseconds timeout) {
  admin::v1::CallPeerRequest request;
  request.set_destination(destination);
  request.set_method(method);
  request.set_request(json);
  request.set_timeout_ms(static_cast<std::uint64_t>(timeout.count()));
  // The node says what came of it, also when that is nothing within the timeout.
  return Call(*stub_, &Stub::CallPeer, request, timeout + kCallTimeout);
}

absl::StatusOr<admin::v1::ListQuarantinesResponse> AdminClient::ListQuarantines() {
  return Call(*stub_, &Stub::ListQuarantines, admin::v1::ListQuarantinesRequest());
}

absl::StatusOr<admin::v1::ListQuarantinedUpdatesResponse> AdminClient::ListQuarantinedUpdates(
    const std::string& origin, std::int64_t after_id) {
  admin::v1::ListQuarantinedUpdatesRequest request;
  request.set_origin(origin);
  request.set_after_id(after_id);
  return Call(*stub_, &Stub::ListQuarantinedUpdates, request);
}

absl::StatusOr<admin::v1::QuarantinedUpdate> AdminClient::GetQuarantinedUpdate(const std::string& origin,
                                                                               std::int64_t id) {
  admin::v1::GetQuarantinedUpdateRequest request;
  request.set_origin(origin);
  request.set_id(id);
  absl::StatusOr<admin::v1::GetQuarantinedUpdateResponse> response =
      Call(*stub_, &Stub::GetQuarantinedUpdate, request);
  if (!response.ok()) return response.status();
  return std::move(*response->mutable_update());
}

absl::StatusOr<admin::v1::ReplayQuarantinedUpdatesResponse> AdminClient::ReplayQuarantinedUpdates(
    const std::string& origin, const std::vector<std::int64_t>& ids) {
  return Call(*stub_, &Stub::ReplayQuarantinedUpdates,
              Select<admin::v1::ReplayQuarantinedUpdatesRequest>(origin, ids), kReplayTimeout);
}

absl::StatusOr<std::uint64_t> AdminClient::DropQuarantinedUpdates(const std::string& origin,
                                                                  const std::vector<std::int64_t>& ids) {
  const absl::StatusOr<admin::v1::DropQuarantinedUpdatesResponse> response = Call(
      *stub_, &Stub::DropQuarantinedUpdates, Select<admin::v1::DropQuarantinedUpdatesRequest>(origin, ids));
  if (!response.ok()) return response.status();
  return response->dropped_updates();
}

absl::Status AdminClient::Tail(const std::function<void()>& started,
                               const std::function<void(const admin::v1::TailEvent&)>& event) {
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<admin::v1::TailEvent>> reader = stub_->Tail(&context, {});
  reader->WaitForInitialMetadata();
  started();
  admin::v1::TailEvent next;
  while (reader->Read(&next)) event(next);
  return ToAbsl(reader->Finish());
}

}  // namespace federation::fedctl
