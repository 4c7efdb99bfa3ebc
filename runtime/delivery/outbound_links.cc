#include "delivery/outbound_links.h"

#include <algorithm>
#include <utility>

#include "log/log.h"

namespace federation::delivery {
namespace {

constexpr std::size_t kLinksPerRead = 1000;

}  // namespace

OutboundLink& OutboundLinks::Get(const std::string& destination) {
  const auto [place, is_new] = entries_.try_emplace(destination);
  Entry& entry = place->second;
  if (is_new) {
    if (const auto heard = heard_.extract(destination)) {
      entry.memory.heard = true;
      entry.memory.last_heard = heard.mapped();
    }
  }
  if (entry.link == nullptr) {
    entry.link =
        std::make_shared<OutboundLink>(services_, destination, entry.memory, [this, name = &place->first] {
          // Not at once: the link itself says so.
          services_.loop.Post([this, name, alive = std::weak_ptr<bool>(alive_)] {
            if (!alive.expired() && !stopped_) Rest(*name);  // Stop has removed the name
          });
        });
    entry.link->Start();
  }
  return *entry.link;
}

void OutboundLinks::Rest(const std::string& destination) {
  const auto entry = entries_.find(destination);
  if (entry == entries_.end() || entry->second.link == nullptr || !entry->second.link->idle()) return;
  entry->second.link.reset();
}

void OutboundLinks::Start() {
  services_.workers.Post([this, services = services_, alive = std::weak_ptr<bool>(alive_)] {
    auto waiting = services.store.WaitingLinks();
    services.loop.Post([this, alive, waiting = std::move(waiting)] {
      if (alive.expired() || stopped_) return;
      if (!waiting.ok()) {
        Log().error("cannot read which links have work: {}", waiting.status().ToString());
        start_timer_ = services_.loop.MakeTimer();
        return start_timer_->Set(kStoreRetryDelay, [this] { Start(); });
      }
      for (const std::string& destination : *waiting) Get(destination);
    });
  });
}

void OutboundLinks::Appended(const std::string& destination, Seq assigned,
                             std::shared_ptr<const UpdateRun> run) {
  if (!stopped_) Get(destination).Appended(assigned, std::move(run));
}

void OutboundLinks::SendWeak(const std::string& destination, std::string json, std::string replace_key) {
  if (!stopped_) Get(destination).SendWeak(std::move(json), std::move(replace_key));
}

void OutboundLinks::Heard(const std::string& origin) {
  if (stopped_) return;
  const auto entry = entries_.find(origin);
  if (entry == entries_.end()) {
    // Anybody with a certificate may push.
    if (heard_.size() < kHeardMax || heard_.contains(origin)) heard_[origin] = services_.loop.WallNow();
    return;
  }
  if (entry->second.link != nullptr) return entry->second.link->Heard();
  entry->second.memory.last_heard = services_.loop.WallNow();
  entry->second.memory.heard = true;
}

void OutboundLinks::Wake(const std::string& destination) {
  if (!stopped_) Get(destination).Wake();
}

void OutboundLinks::SetPaused(const std::string& destination, bool paused) {
  const auto entry = entries_.find(destination);
  if (entry == entries_.end()) return;
  entry->second.memory.rest.paused = paused;
  if (entry->second.link != nullptr) entry->second.link->SetPaused(paused);
}

void OutboundLinks::GaveUp(const std::string& destination, Seq first, Seq last) {
  const auto entry = entries_.find(destination);
  if (entry == entries_.end()) return;
  entry->second.memory.counters.given_up_updates += Value(last) - Value(first) + 1;
  if (entry->second.link != nullptr) entry->second.link->GaveUp();
}

void OutboundLinks::Reset(const std::string& destination) {
  services_.store.NoteBackOff(destination, {});
  const auto entry = entries_.find(destination);
  if (entry == entries_.end()) return;
  entry->second.memory.loss.clear();
  entry->second.memory.rest.failures = 0;
  entry->second.memory.rest.pause = link::Outbox::Pause::kNone;
  if (entry->second.link != nullptr) entry->second.link->Reset();
}

void OutboundLinks::Status(std::function<void(absl::StatusOr<std::vector<LinkStatus>>)> done) {
  services_.workers.Post(
      [this, services = services_, alive = std::weak_ptr<bool>(alive_), done = std::move(done)] {
        std::vector<StoredLink> all;
        absl::Status status;
        for (bool more = true; more;) {
          auto page = services.store.Links(all.empty() ? "" : all.back().destination, kLinksPerRead);
          status = page.status();
          more = page.ok() && page->size() == kLinksPerRead;
          if (page.ok()) std::move(page->begin(), page->end(), std::back_inserter(all));
        }
        services.loop.Post([this, alive, all = std::move(all), status, done] {
          if (alive.expired()) return done(absl::FailedPreconditionError("the node does not run"));
          if (!status.ok()) return done(status);
          std::vector<LinkStatus> links;
          links.reserve(all.size());
          for (const StoredLink& link : all) links.push_back(StatusOf(link));
          done(std::move(links));
        });
      });
}

LinkStatus OutboundLinks::StatusOf(const StoredLink& stored) const {
  const auto entry = entries_.find(stored.destination);
  const OutboundLink* link = entry != entries_.end() ? entry->second.link.get() : nullptr;
  const LinkMemory* memory = entry != entries_.end() ? &entry->second.memory : nullptr;
  LinkStatus status;
  if (link != nullptr) {
    status = link->Status();
  } else {
    status.destination = stored.destination;
    if (memory != nullptr) {
      status.last_heard = memory->last_heard;
      status.last_error = memory->last_error;
      status.loss = memory->loss;
      status.counters = memory->counters;
      status.assigned = memory->rest.numbers.assigned;
      status.acked = memory->rest.numbers.acked;
    } else if (const auto heard = heard_.find(stored.destination); heard != heard_.end()) {
      status.last_heard = heard->second;
    }
    if (stored.paused) status.state = LinkStatus::State::kPaused;
  }
  if (link == nullptr || !link->is_loaded()) AddPause(stored, memory, status);
  // What the store saves lazily is older than what the link knows.
  status.assigned = std::max(status.assigned, stored.numbers.assigned);
  status.acked = std::max(status.acked, stored.numbers.acked);
  if (status.acked < status.assigned) {
    status.pending_bytes = stored.waiting_bytes;
    status.pending_since = stored.waiting_since;
  }
  return status;
}

void OutboundLinks::AddPause(const StoredLink& stored, const LinkMemory* memory, LinkStatus& status) const {
  // Without the lease the store knows better: another process may have sent.
  if (memory != nullptr && memory->loaded && services_.loop.Now() < memory->leased_until) {
    const link::Outbox::Rest& rest = memory->rest;
    status.failures = rest.failures;
    const bool pauses = rest.pause != link::Outbox::Pause::kNone && services_.loop.Now() < rest.pause_end;
    if (pauses) status.retry_at = services_.WallTime(rest.pause_end);
    return;
  }
  status.failures = stored.backoff.failures;
  const auto now = services_.loop.WallNow();
  if (!stored.backoff.until.has_value() || *stored.backoff.until <= now) return;
  status.retry_at =
      std::min<std::chrono::system_clock::time_point>(*stored.backoff.until, now + services_.longest_pause());
}

void OutboundLinks::Stop() {
  stopped_ = true;
  start_timer_.reset();
  // Somebody else may send now: another node on the same store.
  std::vector<std::string> leased;
  for (const auto& [destination, entry] : entries_) {
    if (entry.memory.loaded) leased.push_back(destination);
  }
  services_.workers.Post([&store = services_.store, owner = services_.owner, leased = std::move(leased)] {
    for (const std::string& destination : leased) store.EndLease(destination, owner);
  });
  entries_.clear();
  heard_.clear();
}

}  // namespace federation::delivery
