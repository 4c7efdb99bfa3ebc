#include "fednode/quarantine.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "federation/domain.h"

namespace federation::fednode {
namespace {

// Their JSON is read with them, and may be as large as a push.
constexpr std::size_t kPageUpdatesMax = 100;

absl::Status CheckOrigin(std::string_view origin) {
  absl::Status valid = ValidateDomain(origin);
  if (valid.ok()) return valid;
  return absl::InvalidArgumentError(fmt::format("origin: {}", std::string(valid.message())));
}

// Of a request that names some updates or all of them.
template <typename Request>
absl::Status CheckSelection(const Request& request) {
  absl::Status origin = CheckOrigin(request.origin());
  if (!origin.ok()) return origin;
  if (request.all() && !request.ids().empty()) {
    return absl::InvalidArgumentError("ids: want none together with `all`");
  }
  if (!request.all() && request.ids().empty()) {
    return absl::InvalidArgumentError("ids: want at least one, or `all`");
  }
  return absl::OkStatus();
}

absl::Status NoSuchUpdate(std::string_view origin, std::int64_t id) {
  return absl::NotFoundError(fmt::format("id: no update of {} with the id {} is in quarantine", origin, id));
}

absl::StatusOr<QuarantinedUpdate> Find(Store& store, const std::string& origin, std::int64_t id) {
  // Ids begin with 1, and there is none behind the last one.
  if (id < 1) return NoSuchUpdate(origin, id);
  absl::StatusOr<std::vector<QuarantinedUpdate>> next = store.Quarantined(origin, id - 1, 1);
  if (!next.ok()) return next.status();
  if (next->empty() || next->front().id != id) return NoSuchUpdate(origin, id);
  return std::move(next->front());
}

void ToProto(const QuarantinedUpdate& update, admin::v1::QuarantinedUpdate* out) {
  using std::chrono::milliseconds;
  out->set_id(update.id);
  out->set_origin(update.origin);
  out->set_seq(Value(update.seq));
  out->set_since_ms(std::chrono::duration_cast<milliseconds>(update.since.time_since_epoch()).count());
  out->set_reason(update.reason);
  out->set_bytes(update.json.size());
}

admin::v1::Replayed::Result ToProto(Replayed::Result result) {
  switch (result) {
    case Replayed::Result::kDone:
      return admin::v1::Replayed::RESULT_DONE;
    case Replayed::Result::kLater:
      return admin::v1::Replayed::RESULT_LATER;
    case Replayed::Result::kRejected:
      return admin::v1::Replayed::RESULT_REJECTED;
  }
  return admin::v1::Replayed::RESULT_UNSPECIFIED;
}

absl::StatusOr<std::uint64_t> Drop(Store& store, const std::string& origin, std::vector<std::int64_t> ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  absl::Status status = store.Transact([&](Transaction& transaction) -> absl::Status {
    for (std::int64_t id : ids) {
      absl::Status dropped = transaction.Unquarantine(origin, id);
      if (absl::IsNotFound(dropped)) return NoSuchUpdate(origin, id);
      if (!dropped.ok()) return dropped;
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return ids.size();
}

// Returns how many of the updates were still there.
absl::StatusOr<std::uint64_t> DropPage(Store& store, const std::string& origin,
                                       const std::vector<QuarantinedUpdate>& page) {
  std::uint64_t count = 0;
  absl::Status status = store.Transact([&](Transaction& transaction) -> absl::Status {
    count = 0;
    for (const QuarantinedUpdate& update : page) {
      absl::Status dropped = transaction.Unquarantine(origin, update.id);
      // Replayed or dropped by somebody else meanwhile.
      if (absl::IsNotFound(dropped)) continue;
      if (!dropped.ok()) return dropped;
      ++count;
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return count;
}

absl::StatusOr<std::uint64_t> CountOf(Store& store, const std::string& origin) {
  const absl::StatusOr<std::vector<Store::QuarantineSize>> sizes = store.Quarantines();
  if (!sizes.ok()) return sizes.status();
  for (const Store::QuarantineSize& size : *sizes) {
    if (size.origin == origin) return size.updates;
  }
  return 0;
}

absl::StatusOr<std::uint64_t> DropAll(Store& store, const std::string& origin) {
  // As many as there are now: an origin that sends wrong updates faster than they are dropped does not hold
  // this up for ever.
  const absl::StatusOr<std::uint64_t> count = CountOf(store, origin);
  if (!count.ok()) return count.status();
  std::uint64_t dropped = 0;
  std::int64_t after = 0;
  for (std::uint64_t seen = 0; seen < *count;) {
    const auto page = store.Quarantined(origin, after, std::min<std::size_t>(kPageUpdatesMax, *count - seen));
    if (!page.ok()) return page.status();
    if (page->empty()) break;
    const absl::StatusOr<std::uint64_t> of_page = DropPage(store, origin, *page);
    if (!of_page.ok()) return of_page.status();
    dropped += *of_page;
    seen += page->size();
    after = page->back().id;
  }
  return dropped;
}

}  // namespace

absl::StatusOr<admin::v1::ListQuarantinesResponse> ListQuarantines(Store& store) {
  const absl::StatusOr<std::vector<Store::QuarantineSize>> sizes = store.Quarantines();
  if (!sizes.ok()) return sizes.status();
  admin::v1::ListQuarantinesResponse response;
  for (const Store::QuarantineSize& size : *sizes) {
    admin::v1::Quarantine* quarantine = response.add_quarantines();
    quarantine->set_origin(size.origin);
    quarantine->set_updates(size.updates);
    quarantine->set_bytes(size.bytes);
  }
  return response;
}

absl::StatusOr<admin::v1::ListQuarantinedUpdatesResponse> ListQuarantinedUpdates(
    Store& store, const admin::v1::ListQuarantinedUpdatesRequest& request) {
  absl::Status valid = CheckOrigin(request.origin());
  if (!valid.ok()) return valid;
  std::size_t count_max = kPageUpdatesMax;
  if (request.count_max() > 0) count_max = std::min<std::size_t>(count_max, request.count_max());
  // One more than is answered tells whether there are more.
  const auto page = store.Quarantined(request.origin(), request.after_id(), count_max + 1);
  if (!page.ok()) return page.status();
  admin::v1::ListQuarantinedUpdatesResponse response;
  response.set_more(page->size() > count_max);
  for (std::size_t i = 0; i < std::min(page->size(), count_max); ++i) {
    ToProto((*page)[i], response.add_updates());
  }
  return response;
}

absl::StatusOr<admin::v1::GetQuarantinedUpdateResponse> GetQuarantinedUpdate(
    Store& store, const admin::v1::GetQuarantinedUpdateRequest& request) {
  absl::Status valid = CheckOrigin(request.origin());
  if (!valid.ok()) return valid;
  absl::StatusOr<QuarantinedUpdate> update = Find(store, request.origin(), request.id());
  if (!update.ok()) return update.status();
  admin::v1::GetQuarantinedUpdateResponse response;
  ToProto(*update, response.mutable_update());
  response.mutable_update()->set_update(std::move(update->json));
  return response;
}

absl::StatusOr<admin::v1::ReplayQuarantinedUpdatesResponse> ReplayQuarantinedUpdates(
    Node& node, Store& store, const admin::v1::ReplayQuarantinedUpdatesRequest& request) {
  absl::Status valid = CheckSelection(request);
  if (!valid.ok()) return valid;
  for (std::int64_t id : request.ids()) {
    absl::Status found = Find(store, request.origin(), id).status();
    if (!found.ok()) return found;
  }
  const absl::StatusOr<std::vector<Replayed>> replayed =
      node.ReplayQuarantined(request.origin(), {request.ids().begin(), request.ids().end()});
  if (!replayed.ok()) return replayed.status();
  admin::v1::ReplayQuarantinedUpdatesResponse response;
  for (const Replayed& update : *replayed) {
    admin::v1::Replayed* out = response.add_replayed();
    out->set_id(update.id);
    out->set_seq(Value(update.seq));
    out->set_result(ToProto(update.result));
    out->set_reason(update.reason);
  }
  return response;
}

absl::StatusOr<admin::v1::DropQuarantinedUpdatesResponse> DropQuarantinedUpdates(
    Store& store, const admin::v1::DropQuarantinedUpdatesRequest& request) {
  absl::Status valid = CheckSelection(request);
  if (!valid.ok()) return valid;
  const absl::StatusOr<std::uint64_t> dropped =
      request.all() ? DropAll(store, request.origin())
                    : Drop(store, request.origin(), {request.ids().begin(), request.ids().end()});
  if (!dropped.ok()) return dropped.status();
  admin::v1::DropQuarantinedUpdatesResponse response;
  response.set_dropped_updates(*dropped);
  return response;
}

}  // namespace federation::fednode
