#include "https/server.h"

#include <exception>
#include <set>

#include <absl/strings/str_cat.h>
#include <boost/asio/co_spawn.hpp>
#include <sys/socket.h>

#include "https/error_words.h"
#include "https/event_loop_impl.h"
#include "https/server_connection.h"
#include "https/tls_stream.h"
#include "log/log.h"

namespace federation::https {
namespace {

// How long to wait before the next try when the system has no descriptor or memory for a connection.
constexpr std::chrono::milliseconds kAcceptPause{200};

void LogException(std::string_view where, const std::exception_ptr& thrown) {
  if (thrown == nullptr) return;
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& exception) {
    Log().error("{}: {}", where, exception.what());
  } catch (...) {
    Log().error("{}: something that is no exception was thrown", where);
  }
}

}  // namespace

// Lives until its coroutines have ended, which the loop or its end sees to.
struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  Impl(Acceptor listening, const TlsContext& tls_context, std::shared_ptr<ServerShared> shared_by_connections)
      : acceptor(std::move(listening)),
        port(acceptor.local_endpoint().port()),
        tls(tls_context),
        shared(std::move(shared_by_connections)),
        wake(shared->loop.impl().context),
        grace(shared->loop) {}

  static Task<void> AcceptAll(std::shared_ptr<Impl> self);
  Task<void> Pause(std::chrono::milliseconds time);
  void Serve(Socket socket);
  void Ended(ServerConnection* connection);
  void StopAccepting();
  void Drain(std::chrono::milliseconds time, std::function<void()> when_drained);
  void AbortAll();
  void CheckDrained();

  Acceptor acceptor;
  const std::uint16_t port;
  TlsContext tls;
  std::shared_ptr<ServerShared> shared;
  std::set<ServerConnection*> connections;
  // Counts the connections.
  std::uint64_t accepted = 0;
  bool accepting = true;
  // Ends a pause of AcceptAll.
  Alarm wake;
  EventLoop::Timer grace;
  std::function<void()> drained;
};

Task<void> Server::Impl::AcceptAll(std::shared_ptr<Impl> self) {
  while (self->accepting) {
    if (self->connections.size() >= self->shared->limits.connections_max) {
      // The next ones wait in the system's queue.
      co_await self->Pause(std::chrono::hours(1));
      continue;
    }
    boost::system::error_code error;
    Socket socket(self->shared->loop.impl().context);
    co_await self->acceptor.async_accept(socket, AwaitInto(error));
    if (!self->accepting) co_return;
    if (!error) {
      self->Serve(std::move(socket));
    } else if (error != asio::error::connection_aborted) {
      Log().error("cannot accept a connection: {}", SystemWords(error.value()));
      co_await self->Pause(kAcceptPause);
    }
  }
}

Task<void> Server::Impl::Pause(std::chrono::milliseconds time) {
  boost::system::error_code woken;
  wake.expires_after(time);
  co_await wake.async_wait(AwaitInto(woken));
}

void Server::Impl::Serve(Socket socket) {
  auto connection = std::make_shared<ServerConnection>(
      shared, TlsStream::ForServer(shared->loop, std::move(socket), tls), ++accepted);
  connections.insert(connection.get());
  asio::co_spawn(shared->loop.impl().context, ServerConnection::Run(connection),
                 [self = shared_from_this(), connection](const std::exception_ptr& thrown) {
                   LogException("a connection was closed", thrown);
                   self->Ended(connection.get());
                 });
}

void Server::Impl::Ended(ServerConnection* connection) {
  connections.erase(connection);
  wake.cancel();
  CheckDrained();
}

void Server::Impl::StopAccepting() {
  accepting = false;
  boost::system::error_code ignored;
  acceptor.close(ignored);
  wake.cancel();
}

void Server::Impl::Drain(std::chrono::milliseconds time, std::function<void()> when_drained) {
  StopAccepting();
  drained = std::move(when_drained);
  for (ServerConnection* connection : connections) connection->Drain();
  grace.Set(time, [this] { AbortAll(); });
  CheckDrained();
}

void Server::Impl::AbortAll() {
  for (ServerConnection* connection : connections) connection->Abort();
}

void Server::Impl::CheckDrained() {
  if (!connections.empty() || !drained) return;
  grace.Cancel();
  // It may destroy the server.
  const std::function<void()> done = std::exchange(drained, nullptr);
  done();
}

absl::StatusOr<std::unique_ptr<Server>> Server::Listen(EventLoop& loop, const HostPort& address,
                                                       const TlsContext& tls, const HttpLimits& limits,
                                                       Handler handler) {
  const auto fault = [&address](const boost::system::error_code& error) {
    const std::string words =
        error.category() == boost::system::system_category() ? SystemWords(error.value()) : error.message();
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address.ToString(), ": ", words));
  };
  boost::system::error_code error;
  asio::io_context& context = loop.impl().context;
  asio::ip::tcp::resolver resolver(context);
  const auto endpoints =
      resolver.resolve(address.host, std::to_string(address.port), asio::ip::tcp::resolver::passive, error);
  if (error) return fault(error);
  const asio::ip::tcp::endpoint endpoint = endpoints.begin()->endpoint();

  Acceptor acceptor(context);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(Acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(Acceptor::max_listen_connections, error);
  if (error) return fault(error);

  std::shared_ptr<ServerShared> shared(new ServerShared{
      .loop = loop, .limits = limits, .handler = std::move(handler), .gate = AnswerGate(loop), .date = {}});
  auto impl = std::make_shared<Impl>(std::move(acceptor), tls, std::move(shared));
  loop.Post([impl] {
    asio::co_spawn(
        impl->shared->loop.impl().context, Impl::AcceptAll(impl),
        [](const std::exception_ptr& thrown) { LogException("no more connections are accepted", thrown); });
  });
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::~Server() {
  EventLoop& loop = impl_->shared->loop;
  RunOnLoop(loop, [this] {
    // Let go of here, as its timer and its sockets are the loop's.
    const std::shared_ptr<Impl> impl = std::move(impl_);
    impl->shared->gate.Close();
    impl->drained = nullptr;
    impl->grace.Cancel();
    impl->StopAccepting();
    impl->AbortAll();
  });
}

std::uint16_t Server::port() const { return impl_->port; }

void Server::Shutdown(std::chrono::milliseconds grace, std::function<void()> drained) {
  impl_->shared->loop.Post(
      [impl = impl_, grace, drained = std::move(drained)] { impl->Drain(grace, drained); });
}

}  // namespace federation::https
