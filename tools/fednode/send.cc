#include "fednode/send.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "federation/json/codec.h"
#include "federation/v1/updates.federation.h"

namespace federation::fednode {
namespace {

using Updates = std::vector<CheckedUpdate>;
using admin::v1::TailEvent;

void SetFailure(std::size_t index, const absl::Status& status, bool invalid,
                admin::v1::SendResponse* response) {
  admin::v1::SendFailure* failure = response->mutable_failure();
  failure->set_index(static_cast<std::uint32_t>(index));
  failure->set_invalid(invalid);
  failure->set_message(std::string(status.message()));
}

// False after a failure, which stands in the response.
bool CheckAll(const admin::v1::SendRequest& request, std::size_t bytes_max, Updates* updates,
              admin::v1::SendResponse* response) {
  updates->reserve(static_cast<std::size_t>(request.updates_size()));
  for (const std::string& json : request.updates()) {
    absl::StatusOr<CheckedUpdate> update = CheckUpdate(json, bytes_max);
    if (!update.ok()) {
      SetFailure(updates->size(), update.status(), /*invalid=*/true, response);
      return false;
    }
    updates->push_back(*std::move(update));
  }
  return true;
}

// The strong updates at the front.
std::size_t CountStrong(std::span<const CheckedUpdate> updates) {
  std::size_t count = 0;
  while (count < updates.size() && updates[count].delivery == Delivery::kStrong) ++count;
  return count;
}

absl::Status SendStrong(const SendAll& send, TailHub& tail, const std::string& destination,
                        std::span<CheckedUpdate> updates, admin::v1::SendResponse* response) {
  std::vector<std::string> batch;
  batch.reserve(updates.size());
  for (CheckedUpdate& update : updates) batch.push_back(std::move(update.json));
  absl::StatusOr<Seq> last = send(destination, batch);
  if (!last.ok()) return last.status();
  std::uint64_t seq = Value(*last) - batch.size();
  for (const std::string& json : batch) {
    response->add_seqs(++seq);
    tail.Publish(TailEvent::DIRECTION_OUT, destination, Seq{seq}, json);
  }
  return absl::OkStatus();
}

absl::Status SendWeak(Node& node, TailHub& tail, const std::string& destination, const CheckedUpdate& update,
                      admin::v1::SendResponse* response) {
  absl::Status status = node.SendWeak(destination, update.json);
  if (!status.ok()) return status;
  response->add_seqs(0);
  tail.Publish(TailEvent::DIRECTION_OUT, destination, std::nullopt, update.json);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CheckedUpdate> CheckUpdate(std::string_view json, std::size_t bytes_max) {
  json::DecodeOptions options;
  options.unknown_keys = json::DecodeOptions::UnknownKeys::kRefuse;
  v1::Update update;
  absl::Status status = json::Decode(json, &update, options);
  if (!status.ok()) return status;
  std::optional<Delivery> delivery = v1::DeliveryOf(update);
  if (!delivery) return absl::InvalidArgumentError("want an update of the standard schema, got an empty one");
  absl::StatusOr<std::string> encoded = json::Encode(update);
  if (!encoded.ok()) return encoded.status();
  if (encoded->size() > bytes_max) {
    return absl::InvalidArgumentError(
        fmt::format("want an update of at most {} bytes, got one of {}", bytes_max, encoded->size()));
  }
  return CheckedUpdate{*delivery, *std::move(encoded)};
}

admin::v1::SendResponse Send(Node& node, TailHub& tail, const OutboxLimits& limits, const SendAll& send_all,
                             const admin::v1::SendRequest& request) {
  admin::v1::SendResponse response;
  Updates updates;
  if (!CheckAll(request, limits.update_bytes_max, &updates, &response)) return response;
  for (std::size_t next = 0; next < updates.size();) {
    std::span<CheckedUpdate> rest = std::span(updates).subspan(next);
    std::size_t strong = CountStrong(rest);
    absl::Status status =
        strong > 0 ? SendStrong(send_all, tail, request.destination(), rest.first(strong), &response)
                   : SendWeak(node, tail, request.destination(), rest.front(), &response);
    if (!status.ok()) {
      SetFailure(next, status, /*invalid=*/false, &response);
      return response;
    }
    next += std::max<std::size_t>(strong, 1);
  }
  return response;
}

}  // namespace federation::fednode
