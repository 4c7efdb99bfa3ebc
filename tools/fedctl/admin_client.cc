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

// gRPC's codes are the canonical ones, as Abseil's are.
absl::Status ToAbsl(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

void SetDeadline(grpc::ClientContext* context) {
  context->set_deadline(std::chrono::system_clock::now() + kCallTimeout);
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
  std::shared_ptr<grpc::Channel> channel =
      grpc::CreateChannel(admin::GrpcTarget(socket_path), grpc::InsecureChannelCredentials());
  return AdminClient(admin::v1::Admin::NewStub(channel));
}

absl::StatusOr<admin::v1::SendResponse> AdminClient::Send(const std::string& destination,
                                                          std::vector<std::string> updates) {
  admin::v1::SendRequest request;
  request.set_destination(destination);
  for (std::string& update : updates) request.add_updates(std::move(update));
  grpc::ClientContext context;
  SetDeadline(&context);
  admin::v1::SendResponse response;
  grpc::Status status = stub_->Send(&context, request, &response);
  if (!status.ok()) return ToAbsl(status);
  return response;
}

absl::StatusOr<admin::v1::ListLinksResponse> AdminClient::ListLinks() {
  grpc::ClientContext context;
  SetDeadline(&context);
  admin::v1::ListLinksResponse response;
  grpc::Status status = stub_->ListLinks(&context, {}, &response);
  if (!status.ok()) return ToAbsl(status);
  return response;
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
