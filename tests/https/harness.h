#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "federation/limits.h"
#include "federation/tls_files.h"

#include "directory/address_policy.h"
#include "https/client.h"
#include "https/event_loop.h"
#include "https/reloadable_tls.h"
#include "https/server.h"
#include "support/raw_tls_client.h"
#include "support/test_ca.h"

namespace federation::https {

// Limits that are long enough for a slow machine, except where a test shortens them.
HttpLimits TestLimits();

// The files' context; throws if it cannot be made.
std::shared_ptr<ReloadableTls> LoadTls(const TlsFiles& files, const std::string& domain);

// A request without the parts that a test wants to write itself: `head_rest` follows the request line and
// ends each of its lines with CR LF.
std::string RawRequest(std::string_view head_rest, std::string_view body);
// `POST /echo` of alpha.test with Host and Content-Length.
std::string GoodRequest(std::string_view body);

// Waits until the loop has done what it had to do so far.
void Settle(EventLoop& loop);

// The server of bravo.test on a port of its own, on a running loop. Without a handler it answers as Echo
// does.
class TestServer {
 public:
  explicit TestServer(const TlsFiles& files, const HttpLimits& limits = TestLimits(),
                      Server::Handler handler = Echo, ServerOptions options = {});

  EventLoop& loop() { return loop_; }
  std::uint16_t port() const { return server_->port(); }
  Server& server() { return *server_; }
  ReloadableTls& tls() { return *tls_; }
  // Destroys the server; the loop goes on.
  void Destroy() { server_.reset(); }

  // Answers with a line of the request's parts: METHOD TARGET ORIGIN>DESTINATION CONTENT-TYPE BODY
  static void Echo(Request request, Server::Respond respond);

 private:
  std::shared_ptr<ReloadableTls> tls_;
  EventLoop loop_;
  std::unique_ptr<Server> server_;
};

// The client of a domain on a running loop.
class TestClient {
 public:
  TestClient(const TlsFiles& files, const std::string& domain, const HttpLimits& limits = TestLimits(),
             directory::AddressPolicy policy = {}, std::size_t connections_max = 1,
             const Finding& finding = {}, std::size_t calls_max = 1);
  ~TestClient();

  // Makes the call and waits for its answer.
  absl::StatusOr<Answer> Post(Call call);
  EventLoop& loop() { return loop_; }
  // To be used on the loop.
  Client& client() { return *client_; }
  ReloadableTls& tls() { return *tls_; }
  // Destroys the client on the loop.
  void Destroy();

 private:
  std::shared_ptr<ReloadableTls> tls_;
  EventLoop loop_;
  std::unique_ptr<Client> client_;
};

// A call to bravo.test at a port of 127.0.0.1, with a timeout that does not pass.
Call CallTo(std::uint16_t port, std::string body = "{}");

}  // namespace federation::https
