#include "https/harness.h"

#include <future>
#include <stdexcept>
#include <utility>

#include <absl/strings/str_cat.h>

namespace federation::https {

HttpLimits TestLimits() {
  HttpLimits limits;
  limits.handshake_timeout = std::chrono::seconds(60);
  limits.header_timeout = std::chrono::seconds(60);
  limits.body_timeout = std::chrono::seconds(60);
  limits.connect_timeout = std::chrono::seconds(60);
  return limits;
}

std::shared_ptr<ReloadableTls> LoadTls(const TlsFiles& files, const std::string& domain) {
  absl::StatusOr<std::shared_ptr<ReloadableTls>> context = ReloadableTls::Load(files, domain);
  if (!context.ok()) throw std::runtime_error(context.status().ToString());
  return *std::move(context);
}

std::string RawRequest(std::string_view head_rest, std::string_view body) {
  return std::string("POST /echo HTTP/1.1\r\n").append(head_rest).append("\r\n").append(body);
}

std::string GoodRequest(std::string_view body) {
  return RawRequest(absl::StrCat("Host: bravo.test\r\nFederation-Origin: alpha.test\r\nContent-Length: ",
                                 body.size(), "\r\n"),
                    body);
}

void Settle(EventLoop& loop) {
  std::promise<void> done;
  loop.Post([&done] { done.set_value(); });
  done.get_future().wait();
}

TestServer::TestServer(const TlsFiles& files, const HttpLimits& limits, Server::Handler handler,
                       ServerOptions options)
    : tls_(LoadTls(files, "bravo.test")) {
  absl::StatusOr<std::unique_ptr<Server>> server =
      Server::Listen(loop_, HostPort{"127.0.0.1", 0}, tls_, limits, std::move(handler), std::move(options));
  if (!server.ok()) throw std::runtime_error(server.status().ToString());
  server_ = *std::move(server);
  loop_.Start();
}

void TestServer::Echo(Request request, Server::Respond respond) {
  Response response;
  response.content_type = "text/plain";
  response.body = absl::StrCat(request.method, " ", request.target, " ", request.origin, ">",
                               request.destination, " ", request.content_type, " ", request.body);
  respond(std::move(response));
}

TestClient::TestClient(const TlsFiles& files, const std::string& domain, const HttpLimits& limits,
                       directory::AddressPolicy policy, std::size_t connections_max, const Finding& finding,
                       std::size_t calls_max)
    : tls_(LoadTls(files, domain)),
      client_(std::make_unique<Client>(loop_, tls_, limits, std::move(policy), domain, connections_max,
                                       finding, calls_max)) {
  loop_.Start();
}

TestClient::~TestClient() { Destroy(); }

absl::StatusOr<Answer> TestClient::Post(Call call) {
  std::promise<absl::StatusOr<Answer>> promise;
  loop_.Post([this, &call, &promise] {
    client_->Post(std::move(call),
                  [&promise](absl::StatusOr<Answer> answer) { promise.set_value(std::move(answer)); });
  });
  return promise.get_future().get();
}

void TestClient::Destroy() { client_.reset(); }

Call CallTo(std::uint16_t port, std::string body) {
  return Call{.destination = "bravo.test",
              .address = {"127.0.0.1", port},
              .target = "/http/v1/updates",
              .body = std::move(body),
              .timeout = std::chrono::seconds(60)};
}

}  // namespace federation::https
