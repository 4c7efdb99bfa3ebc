#include "bench/grpc_peer.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <unistd.h>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "bench/in_flight.h"
#include "bench/lookup.grpc.pb.h"
#include "bench/lookup_answer.h"

namespace federation::bench {
namespace {

std::string Content(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

class LookupServer final : public Lookup::CallbackService {
  grpc::ServerUnaryReactor* Find(grpc::CallbackServerContext* context, const LookupRequest* request,
                                 LookupResponse* response) override {
    FillAnswer(*request, response);
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

}  // namespace

int GrpcServerMain(const TlsFiles& tls) {
  grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = Content(tls.authorities);
  options.pem_key_cert_pairs.push_back({Content(tls.private_key), Content(tls.certificate)});
  LookupServer service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  const auto said = static_cast<std::uint16_t>(port);
  if (server == nullptr || write(STDOUT_FILENO, &said, sizeof said) != sizeof said) return 1;
  char nothing = 0;
  while (read(STDIN_FILENO, &nothing, 1) > 0) continue;
  server->Shutdown();
  return 0;
}

struct GrpcClient::Impl {
  std::unique_ptr<Lookup::Stub> stub;
};

GrpcClient::GrpcClient(std::uint16_t port, const TlsFiles& tls, const std::string& domain)
    : impl_(std::make_unique<Impl>()) {
  const grpc::SslCredentialsOptions options{Content(tls.authorities), Content(tls.private_key),
                                            Content(tls.certificate)};
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(domain);
  const auto channel = grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port),
                                                 grpc::SslCredentials(options), arguments);
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds{10}))
    throw std::runtime_error("gRPC does not connect");
  impl_->stub = Lookup::NewStub(channel);
}

GrpcClient::~GrpcClient() = default;

double GrpcClient::Run(int in_flight, std::chrono::milliseconds duration) {
  struct Call {
    grpc::ClientContext context;
    LookupResponse response;
  };
  const LookupRequest request = SampleLookup();
  return CallsInFlight_per_s(in_flight, duration, [this, &request](auto done) {
    auto* call = new Call;
    impl_->stub->async()->Find(&call->context, &request, &call->response,
                               [call, done](const grpc::Status& status) {
                                 if (!status.ok() || call->response.user_ids_size() != 3) std::abort();
                                 delete call;
                                 done();
                               });
  });
}

std::chrono::nanoseconds GrpcClient::OneByOne(int calls) {
  const LookupRequest request = SampleLookup();
  std::vector<std::chrono::nanoseconds> times;
  for (int i = 0; i < calls; ++i) {
    grpc::ClientContext context;
    LookupResponse response;
    const auto start = std::chrono::steady_clock::now();
    if (!impl_->stub->Find(&context, request, &response).ok()) throw std::runtime_error("a gRPC call failed");
    times.push_back(std::chrono::steady_clock::now() - start);
  }
  std::nth_element(times.begin(), times.begin() + calls / 2, times.end());
  return times[static_cast<std::size_t>(calls / 2)];
}

}  // namespace federation::bench
