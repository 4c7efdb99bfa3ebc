#include "fednode/links.h"

#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "federation/domain.h"

namespace federation::fednode {
namespace {

admin::v1::Link::State ToProto(LinkStatus::State state) {
  switch (state) {
    case LinkStatus::State::kIdle:
      return admin::v1::Link::STATE_IDLE;
    case LinkStatus::State::kSending:
      return admin::v1::Link::STATE_SENDING;
    case LinkStatus::State::kWaiting:
      return admin::v1::Link::STATE_WAITING;
    case LinkStatus::State::kRefused:
      return admin::v1::Link::STATE_REFUSED;
    case LinkStatus::State::kPaused:
      return admin::v1::Link::STATE_PAUSED;
  }
  return admin::v1::Link::STATE_UNSPECIFIED;
}

std::int64_t Milliseconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

void ToProto(const LinkCounters& counters, admin::v1::LinkCounters* out) {
  out->set_pushes(counters.pushes);
  out->set_acked_updates(counters.acked_updates);
  out->set_repeated_updates(counters.repeated_updates);
  out->set_holes(counters.holes);
  out->set_waits(counters.waits);
  out->set_expired_updates(counters.expired_updates);
  out->set_given_up_updates(counters.given_up_updates);
  out->set_weak_sent(counters.weak_sent);
  out->set_weak_dropped(counters.weak_dropped);
  out->set_unreachable(counters.unreachable);
  out->set_busy(counters.busy);
  out->set_refused(counters.refused);
  out->set_too_large(counters.too_large);
  out->set_contradictions(counters.contradictions);
  out->set_own_store_restored(counters.own_store_restored);
  out->set_peer_store_restored(counters.peer_store_restored);
}

admin::v1::Link ToProto(const LinkStatus& status) {
  admin::v1::Link link;
  link.set_destination(status.destination);
  link.set_assigned(Value(status.assigned));
  link.set_acked(Value(status.acked));
  link.set_pending(status.pending());
  link.set_state(ToProto(status.state));
  if (status.last_heard) link.set_last_heard_ms(Milliseconds(*status.last_heard));
  link.set_last_error(status.last_error);
  link.set_pending_bytes(status.pending_bytes);
  if (status.pending_since) link.set_pending_since_ms(Milliseconds(*status.pending_since));
  link.set_failures(static_cast<std::uint32_t>(status.failures));
  if (status.retry_at) link.set_retry_at_ms(Milliseconds(*status.retry_at));
  link.set_loss(status.loss);
  ToProto(status.counters, link.mutable_counters());
  return link;
}

// What an operator has misspelt must not become a link.
absl::Status CheckIsLink(Node& node, std::string_view destination) {
  return GetLink(node, destination).status();
}

// Does something to a link that is there.
template <typename Change>
absl::StatusOr<admin::v1::Link> ChangeLink(Node& node, std::string_view destination, Change change) {
  absl::Status status = CheckIsLink(node, destination);
  if (status.ok()) status = change();
  if (!status.ok()) return status;
  return GetLink(node, destination);
}

}  // namespace

absl::StatusOr<admin::v1::ListLinksResponse> ListLinks(Node& node) {
  absl::StatusOr<std::vector<LinkStatus>> links = node.Links();
  if (!links.ok()) return links.status();
  admin::v1::ListLinksResponse response;
  for (const LinkStatus& link : *links) *response.add_links() = ToProto(link);
  return response;
}

absl::StatusOr<admin::v1::Link> GetLink(Node& node, std::string_view destination) {
  absl::Status valid = ValidateDomain(destination);
  if (!valid.ok())
    return absl::InvalidArgumentError(fmt::format("destination: {}", std::string(valid.message())));
  absl::StatusOr<std::vector<LinkStatus>> links = node.Links();
  if (!links.ok()) return links.status();
  for (const LinkStatus& link : *links) {
    if (link.destination == destination) return ToProto(link);
  }
  return absl::NotFoundError(fmt::format(
      "destination: no link to {}: it is no configured peer, and no update was ever for it", destination));
}

absl::StatusOr<admin::v1::Link> PauseLink(Node& node, std::string_view destination) {
  return ChangeLink(node, destination, [&] { return node.PauseLink(destination); });
}

absl::StatusOr<admin::v1::Link> ResumeLink(Node& node, std::string_view destination) {
  return ChangeLink(node, destination, [&] { return node.ResumeLink(destination); });
}

absl::StatusOr<admin::v1::Link> WakeLink(Node& node, std::string_view destination) {
  return ChangeLink(node, destination, [&] { return node.WakeLink(destination); });
}

absl::StatusOr<admin::v1::ResetLinkResponse> ResetLink(Node& node, std::string_view destination) {
  std::uint64_t given_up = 0;
  absl::StatusOr<admin::v1::Link> link = ChangeLink(node, destination, [&] {
    const absl::StatusOr<std::uint64_t> reset = node.ResetLink(destination);
    given_up = reset.value_or(0);
    return reset.status();
  });
  if (!link.ok()) return link.status();
  admin::v1::ResetLinkResponse response;
  response.set_given_up_updates(given_up);
  *response.mutable_link() = *std::move(link);
  return response;
}

}  // namespace federation::fednode
