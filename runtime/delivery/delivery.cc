#include "delivery/delivery.h"

#include <atomic>
#include <mutex>
#include <utility>

#include "delivery/append_news.h"
#include "delivery/outbound_links.h"
#include "delivery/retention.h"

namespace federation::delivery {
namespace {

// Weak updates on their way to the loop; the links' own bound is OutboxLimits::weak_updates_max.
constexpr int kWeakPostedMax = 16'384;
// Updates that a reset gives up in one transaction.
constexpr std::size_t kResetUpdatesMax = 10'000;

}  // namespace

struct Delivery::Impl {
  Impl(DeliveryOptions given, Store& given_store, const Surroundings& given_surroundings)
      : options(std::move(given)),
        store(given_store),
        surroundings(given_surroundings),
        ready{options.outbox.ready_bytes_total_max, 0},
        in_flight{options.outbox.bytes_in_flight_total_max, 0} {}

  void Start();
  void GaveUp(const std::string& destination, Seq first, Seq last) {
    if (links != nullptr) links->GaveUp(destination, first, last);
  }
  absl::Status SetPaused(const std::string& destination, bool paused);
  absl::Status GiveUpSome(const std::string& destination, Transaction& transaction, Pruned* pruned);

  const DeliveryOptions options;
  Store& store;
  const Surroundings surroundings;
  Observers observers;
  UpdateReceiver* receiver = nullptr;

  OutboundObservers outbound_observers;
  ByteBudget ready;
  ByteBudget in_flight;
  std::unique_ptr<OutboundLinks> links;
  std::unique_ptr<RetentionRounds> retention;
  std::unique_ptr<Inbound> inbound;
  AppendNews news;
  std::atomic<int> weak_posted{0};
  std::mutex pausing;
};

void Delivery::Impl::Start() {
  outbound_observers = {observers.delivered, observers.pushed, observers.given_up};
  inbound = std::make_unique<Inbound>(options.domain, options.inbox, store, receiver,
                                      InboundObservers{observers.applied, observers.received},
                                      surroundings.loop, surroundings.handler_workers);
  links = std::make_unique<OutboundLinks>(
      LinkServices{surroundings.loop, surroundings.transport, store, surroundings.store_workers,
                   options.outbox, options.owner, surroundings.random, outbound_observers, ready, in_flight});
  retention = std::make_unique<RetentionRounds>(
      options.outbox, store, surroundings.loop, surroundings.store_workers, observers.given_up,
      [this](const std::string& destination, Seq first, Seq last) { GaveUp(destination, first, last); },
      [this](const std::string& destination, Seq assigned) {
        links->Appended(destination, assigned, nullptr);
      });
  store.ObserveAppends([this](const Store::Appended& appended) {
    if (!news.Add({std::string(appended.destination), appended.assigned, appended.run})) return;
    surroundings.loop.Post([this] {
      for (AppendNews::Item& item : news.Take()) {
        links->Appended(item.destination, item.assigned, std::move(item.run));
      }
    });
  });
  surroundings.loop.Post([this] {
    links->Start();
    retention->Start();
  });
}

absl::Status Delivery::Impl::SetPaused(const std::string& destination, bool paused) {
  // The loop hears of both in the order of their commits.
  const std::lock_guard guard(pausing);
  absl::Status status =
      store.Transact([&](Transaction& transaction) { return transaction.SetPaused(destination, paused); });
  if (!status.ok()) return status;
  surroundings.loop.Post([this, destination, paused] { links->SetPaused(destination, paused); });
  return status;
}

absl::Status Delivery::Impl::GiveUpSome(const std::string& destination, Transaction& transaction,
                                        Pruned* pruned) {
  // All that waits is older than any age at all.
  constexpr Retention kNothing{std::chrono::hours{24 * 365 * 100}, std::chrono::seconds{-1}, 0};
  const absl::StatusOr<Pruned> step = transaction.Prune(destination, kNothing, kResetUpdatesMax);
  if (!step.ok()) return step.status();
  *pruned = *step;
  if (pruned->given_up_first == Seq{0} || !observers.given_up) return absl::OkStatus();
  return observers.given_up(
      {destination, pruned->given_up_first, pruned->given_up_last, "the link was reset"}, transaction);
}

Delivery::Delivery(DeliveryOptions options, Store& store, const Surroundings& surroundings)
    : impl_(std::make_unique<Impl>(std::move(options), store, surroundings)) {}

Delivery::~Delivery() { impl_->store.ObserveAppends(nullptr); }

void Delivery::Receive(UpdateReceiver& receiver) { impl_->receiver = &receiver; }
void Delivery::Observe(Observers observers) { impl_->observers = std::move(observers); }
void Delivery::Start() { impl_->Start(); }
void Delivery::StopReceiving() {
  if (impl_->inbound != nullptr) impl_->inbound->Stop();
}

void Delivery::StopSending() {
  // No append is posted to the loop after this.
  impl_->store.ObserveAppends(nullptr);
  if (impl_->retention != nullptr) impl_->retention->Stop();
  if (impl_->links != nullptr) impl_->links->Stop();
}

absl::Status Delivery::SendWeak(std::string_view destination, std::string_view json,
                                std::string_view replace_key) {
  if (impl_->weak_posted.fetch_add(1) >= kWeakPostedMax) {
    --impl_->weak_posted;
    return absl::ResourceExhaustedError("too many weak updates at a time");
  }
  impl_->surroundings.loop.Post([impl = impl_.get(), destination = std::string(destination),
                                 json = std::string(json), key = std::string(replace_key)]() mutable {
    --impl->weak_posted;
    impl->links->SendWeak(destination, std::move(json), std::move(key));
  });
  return absl::OkStatus();
}

void Delivery::Push(InboundPush push, Inbound::Done done) {
  impl_->inbound->Apply(std::move(push), std::move(done));
}

std::uint64_t Delivery::over_updates() const {
  return impl_->inbound == nullptr ? 0 : impl_->inbound->over_updates();
}

std::uint64_t Delivery::over_queued() const {
  return impl_->inbound == nullptr ? 0 : impl_->inbound->over_queued();
}

void Delivery::Heard(const std::string& origin) { impl_->links->Heard(origin); }

void Delivery::Links(std::function<void(absl::StatusOr<std::vector<LinkStatus>>)> done) {
  impl_->surroundings.loop.Post(
      [impl = impl_.get(), done = std::move(done)]() mutable { impl->links->Status(std::move(done)); });
}

void Delivery::Wake(const std::string& destination) {
  impl_->surroundings.loop.Post([impl = impl_.get(), destination] { impl->links->Wake(destination); });
}

absl::Status Delivery::Pause(const std::string& destination) { return impl_->SetPaused(destination, true); }
absl::Status Delivery::Resume(const std::string& destination) { return impl_->SetPaused(destination, false); }

absl::StatusOr<std::uint64_t> Delivery::Reset(const std::string& destination) {
  // In several transactions, between which others have their turn.
  std::uint64_t count = 0;
  absl::Status status;
  for (bool more = true; more && status.ok();) {
    Pruned pruned;
    status = impl_->store.Transact(
        [&](Transaction& transaction) { return impl_->GiveUpSome(destination, transaction, &pruned); });
    more = pruned.more;
    if (!status.ok() || pruned.given_up_first == Seq{0}) continue;
    count += Value(pruned.given_up_last) - Value(pruned.given_up_first) + 1;
    impl_->surroundings.loop.Post([impl = impl_.get(), destination, pruned] {
      impl->GaveUp(destination, pruned.given_up_first, pruned.given_up_last);
    });
  }
  if (!status.ok()) return status;
  impl_->surroundings.loop.Post([impl = impl_.get(), destination] { impl->links->Reset(destination); });
  return count;
}

void Delivery::Replay(const std::string& origin, std::vector<std::int64_t> ids, Inbound::ReplayDone done) {
  impl_->inbound->Replay(origin, std::move(ids), std::move(done));
}

}  // namespace federation::delivery
