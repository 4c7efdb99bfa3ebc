#include "https/server.h"

#include <exception>
#include <map>

#include <absl/strings/str_cat.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/network_v6.hpp>
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

// Where addresses of one owner lie together: one of IPv4, 64 bits of IPv6 (RFC 6177).
std::string NetworkOf(const asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  const asio::ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string();
  return asio::ip::make_network_v6(v6, 64).canonical().to_string();
}

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
  Impl(Acceptor listening, std::shared_ptr<ServerShared> shared_by_connections)
      : acceptor(std::move(listening)),
        port(acceptor.local_endpoint().port()),
        shared(std::move(shared_by_connections)),
        wake(shared->loop.impl().context),
        grace(shared->loop) {}

  static Task<void> AcceptAll(std::shared_ptr<Impl> self);
  Task<void> Pause(std::chrono::milliseconds time);
  void Serve(Socket socket);
  void Ended(std::uint64_t number);
  void StopAccepting();
  void Drain(std::chrono::milliseconds time, std::function<void()> when_drained);
  void DismissAll();
  void AbortAll();
  void CheckDrained();

  Acceptor acceptor;
  const std::uint16_t port;
  std::shared_ptr<ServerShared> shared;
  // By their numbers.
  std::map<std::uint64_t, ServerConnection*> connections;
  // Counts them.
  std::uint64_t accepted = 0;
  bool accepting = true;
  // Ends a pause of AcceptAll.
  Alarm wake;
  EventLoop::Timer grace;
  std::function<void()> drained;
};

Task<void> Server::Impl::AcceptAll(std::shared_ptr<Impl> self) {
  while (self->accepting) {
    boost::system::error_code error;
    Socket socket(self->shared->loop.impl().context);
    co_await self->acceptor.async_accept(socket, AwaitInto(error));
    // The next ones wait in the system's queue behind this one.
    while (self->accepting && self->shared->admission.is_full()) {
      co_await self->Pause(std::chrono::hours(1));
    }
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
  boost::system::error_code gone;
  const asio::ip::tcp::endpoint peer = socket.remote_endpoint(gone);
  const ServedDomains::Ptr first = shared->domains.First();
  if (gone || first == nullptr) return;
  const std::uint64_t number = ++accepted;
  auto connection = std::make_shared<ServerConnection>(
      shared, TlsStream::ForServer(shared->loop, std::move(socket), first->tls->current()), *first, number);
  connections.emplace(number, connection.get());
  const std::optional<std::uint64_t> in_the_way = shared->admission.Begin(number, NetworkOf(peer.address()));
  if (in_the_way) {
    if (const auto oldest = connections.find(*in_the_way); oldest != connections.end())
      oldest->second->Abort();
  }
  asio::co_spawn(shared->loop.impl().context, ServerConnection::Run(connection),
                 [self = shared_from_this(), connection, number](const std::exception_ptr& thrown) {
                   LogException("a connection was closed", thrown);
                   self->Ended(number);
                 });
}

void Server::Impl::Ended(std::uint64_t number) {
  connections.erase(number);
  shared->admission.End(number);
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
  for (const auto& [number, connection] : connections) connection->Drain();
  grace.Set(time, [this] { DismissAll(); });
  CheckDrained();
}

void Server::Impl::DismissAll() {
  for (const auto& [number, connection] : connections) connection->Dismiss();
  grace.Set(shared->limits.linger_timeout, [this] { AbortAll(); });
}

void Server::Impl::AbortAll() {
  for (const auto& [number, connection] : connections) connection->Abort();
}

void Server::Impl::CheckDrained() {
  if (!connections.empty() || !drained) return;
  grace.Cancel();
  // It may destroy the server.
  const std::function<void()> done = std::exchange(drained, nullptr);
  done();
}

absl::StatusOr<std::unique_ptr<Server>> Server::Listen(EventLoop& loop, const HostPort& address,
                                                       std::shared_ptr<const ReloadableTls> tls,
                                                       const HttpLimits& limits, Handler handler,
                                                       ServerOptions options) {
  auto server = Listen(loop, address, limits);
  if (!server.ok()) return server;
  absl::Status served = (*server)->Serve({"", std::move(tls), std::move(handler), std::move(options)});
  if (!served.ok()) return served;
  return server;
}

absl::StatusOr<std::unique_ptr<Server>> Server::Listen(EventLoop& loop, const HostPort& address,
                                                       const HttpLimits& limits) {
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

  std::shared_ptr<ServerShared> shared(new ServerShared{.loop = loop,
                                                        .limits = limits,
                                                        .admission = ConnectionAdmission(limits),
                                                        .origins = PeerOrigins(limits),
                                                        .domains = {},
                                                        .gate = AnswerGate(loop),
                                                        .date = {}});
  auto impl = std::make_shared<Impl>(std::move(acceptor), std::move(shared));
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

absl::Status Server::Serve(ServedDomain domain) { return impl_->shared->domains.Add(std::move(domain)); }

void Server::StopServing(const std::string& domain) {
  // Handlers are called on the loop, and so not meanwhile.
  RunOnLoop(impl_->shared->loop, [&] { impl_->shared->domains.Remove(domain); });
}

void Server::Shutdown(std::chrono::milliseconds grace, std::function<void()> drained) {
  impl_->shared->loop.Post(
      [impl = impl_, grace, drained = std::move(drained)] { impl->Drain(grace, drained); });
}

}  // namespace federation::https
