#include "fednode/conversations.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <google/protobuf/message.h>

#include "federation/json/codec.h"
#include "federation/v1/updates.federation.h"

namespace federation::fednode {
namespace {

// The conversation that an update names in its field `peer`, whichever update it is; null without.
const v1::Peer* PeerOf(const v1::Update& update) {
  const google::protobuf::Reflection& reflection = *update.GetReflection();
  const auto* which =
      reflection.GetOneofFieldDescriptor(update, update.GetDescriptor()->FindOneofByName("update"));
  if (which == nullptr) return nullptr;
  const google::protobuf::Message& kind = reflection.GetMessage(update, which);
  const auto* field = kind.GetDescriptor()->FindFieldByName("peer");
  if (field == nullptr || !kind.GetReflection()->HasField(kind, field)) return nullptr;
  return dynamic_cast<const v1::Peer*>(&kind.GetReflection()->GetMessage(kind, field));
}

// None for an update that this node does not understand, or of another kind of conversation.
std::optional<v1::Update> UpdateOf(const std::string& json, const v1::Peer& peer) {
  v1::Update update;
  if (!json::Decode(json, &update).ok()) return std::nullopt;
  const v1::Peer* const found = PeerOf(update);
  if (found == nullptr || found->type() != peer.type() || found->id() != peer.id()) return std::nullopt;
  return update;
}

absl::StatusOr<std::int64_t> ReadOlder(const std::string& text) {
  std::int64_t before = std::numeric_limits<std::int64_t>::max();
  if (text.empty()) return before;
  const char* const end = text.data() + text.size();
  const std::from_chars_result result = std::from_chars(text.data(), end, before);
  if (result.ec == std::errc() && result.ptr == end && before > 0) return before;
  return absl::InvalidArgumentError("older: want what an earlier answer gave");
}

}  // namespace

absl::StatusOr<v1::FetchStateResponse> RecordedConversations::FetchState(const v1::FetchStateRequest& request,
                                                                         const RpcContext& context) {
  if (!request.has_peer()) return absl::InvalidArgumentError("peer: want a conversation, got none");
  const absl::StatusOr<std::int64_t> before = ReadOlder(request.older());
  if (!before.ok()) return before.status();
  const std::size_t rows_max =
      request.updates_max() == 0 ? kUpdatesMax : std::min<std::size_t>(request.updates_max(), kUpdatesMax);
  absl::StatusOr<std::vector<ConversationHistory::Row>> rows =
      history_.Read(request.peer().id(), context.origin, *before, rows_max, kBytesMax);
  if (!rows.ok()) return rows.status();
  v1::FetchStateResponse response;
  if (rows->empty()) return response;
  // There may be none: then that answer says so.
  response.set_older(fmt::format("{}", rows->back().id));
  for (auto row = rows->rbegin(); row != rows->rend(); ++row) {
    // A single one may be too large for any answer; those before it can be asked for all the same.
    if (row->json.size() > kBytesMax) continue;
    if (std::optional<v1::Update> update = UpdateOf(row->json, request.peer())) {
      *response.add_updates() = *std::move(update);
    }
  }
  return response;
}

}  // namespace federation::fednode
