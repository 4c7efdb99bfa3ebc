#include "https/fetcher.h"

#include <array>
#include <exception>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/strings/str_cat.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "https/connector.h"
#include "https/event_loop_impl.h"
#include "https/tls_stream.h"

namespace federation::https {
namespace {

std::string RequestOf(const Fetch& fetch) {
  const std::string port = fetch.port == 443 ? "" : absl::StrCat(":", fetch.port);
  return absl::StrCat("GET ", fetch.path, " HTTP/1.1\r\nHost: ", fetch.host, port,
                      "\r\nAccept: application/json\r\nConnection: close\r\n\r\n");
}

Task<absl::StatusOr<Fetched>> Receive(TlsStream& stream, const Fetch& fetch) {
  DocumentReader reader(fetch.body_bytes_max);
  std::string bytes;
  while (!reader.is_done()) {
    bytes.clear();
    const absl::StatusOr<std::size_t> count = co_await stream.ReadSome(&bytes);
    if (!count.ok()) co_return count.status();
    const absl::Status taken = *count == 0 ? reader.TakeEnd() : reader.Take(bytes);
    if (!taken.ok()) co_return taken;
  }
  co_return reader.Get();
}

}  // namespace

struct Fetcher::Impl {
  struct Exchange {
    Exchange(Impl& impl, Fetch what, Done when_done)
        : fetch(std::move(what)),
          done(std::move(when_done)),
          limits({.connect_timeout = fetch.timeout}),
          policy(impl.policy),
          connector(impl.loop, impl.tls->current(), limits, policy, {impl.resolver, impl.resolver}),
          timeout(impl.loop) {}

    // Makes the operation that runs fail.
    void Interrupt() {
      connector.Cancel();
      if (stream) stream->Close();
    }

    const Fetch fetch;
    Done done;
    // Their own: they may outlive the fetcher.
    const HttpLimits limits;
    const directory::AddressPolicy policy;
    Connector connector;
    std::unique_ptr<TlsStream> stream;
    EventLoop::Timer timeout;
    bool late = false;
  };
  using ExchangePtr = std::shared_ptr<Exchange>;

  static Task<void> Run(std::weak_ptr<Impl> impl, ExchangePtr exchange);
  static Task<absl::StatusOr<Fetched>> Perform(Exchange& exchange);

  EventLoop& loop;
  std::shared_ptr<const ReloadableTls> tls;
  directory::AddressPolicy policy;
  NameResolver& resolver;
  std::set<ExchangePtr> exchanges;
};

Task<absl::StatusOr<Fetched>> Fetcher::Impl::Perform(Exchange& exchange) {
  const Fetch& fetch = exchange.fetch;
  std::vector<directory::Candidate> places = {
      {.address = {fetch.host, fetch.port}, .certificate_names = {fetch.host}, .from_outside = true}};
  absl::StatusOr<std::unique_ptr<TlsStream>> stream = co_await exchange.connector.Connect(std::move(places));
  if (!stream.ok()) co_return stream.status();
  exchange.stream = *std::move(stream);
  exchange.stream->ExpireReadNever();
  const std::string request = RequestOf(fetch);
  const std::array<std::string_view, 1> parts = {request};
  const absl::Status written = co_await exchange.stream->Write(parts);
  absl::StatusOr<Fetched> fetched = co_await Receive(*exchange.stream, fetch);
  if (!fetched.ok() && !written.ok()) co_return written;
  exchange.stream->SendEnd();
  co_return fetched;
}

Task<void> Fetcher::Impl::Run(std::weak_ptr<Impl> impl, ExchangePtr exchange) {
  absl::StatusOr<Fetched> fetched = absl::UnavailableError("no answer");
  try {
    fetched = co_await Perform(*exchange);
  } catch (const std::exception& exception) {
    fetched = absl::UnavailableError(exception.what());
  }
  exchange->timeout.Cancel();
  if (exchange->stream) exchange->stream->Close();
  if (const auto alive = impl.lock()) alive->exchanges.erase(exchange);
  if (!exchange->done) co_return;
  if (exchange->late) {
    fetched = absl::DeadlineExceededError(
        absl::StrCat("no answer within ", exchange->fetch.timeout.count(), " ms"));
  }
  std::exchange(exchange->done, nullptr)(std::move(fetched));
}

Fetcher::Fetcher(EventLoop& loop, std::shared_ptr<const ReloadableTls> tls, directory::AddressPolicy policy,
                 NameResolver& resolver)
    : impl_(new Impl{.loop = loop,
                     .tls = std::move(tls),
                     .policy = std::move(policy),
                     .resolver = resolver,
                     .exchanges = {}}) {}

Fetcher::~Fetcher() {
  RunOnLoop(impl_->loop, [impl = impl_.get()] {
    for (const Impl::ExchangePtr& exchange : std::exchange(impl->exchanges, {})) {
      exchange->done = nullptr;
      exchange->timeout.Cancel();
      exchange->Interrupt();
    }
  });
}

void Fetcher::Get(Fetch fetch, Done done) {
  const auto exchange = std::make_shared<Impl::Exchange>(*impl_, std::move(fetch), std::move(done));
  impl_->exchanges.insert(exchange);
  exchange->timeout.Set(exchange->fetch.timeout, [weak = std::weak_ptr(exchange)] {
    if (const auto alive = weak.lock()) {
      alive->late = true;
      alive->Interrupt();
    }
  });
  // Posted: `done` is never called from within this function.
  impl_->loop.Post([impl = std::weak_ptr(impl_), exchange] {
    if (const auto alive = impl.lock()) {
      asio::co_spawn(alive->loop.impl().context, Impl::Run(impl, exchange), asio::detached);
    }
  });
}

}  // namespace federation::https
