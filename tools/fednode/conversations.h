#pragma once

#include <cstddef>

#include "federation/v1/requests.federation.h"

#include "fednode/conversation_history.h"

namespace federation::fednode {

// Answers fetch_state from fednode_history: with what the caller sent, and with what was sent to the caller.
// Of what others said nothing is told, as fednode does not know who takes part in a conversation.
// Thread-safe. Borrows the history.
class RecordedConversations final : public v1::ConversationsService {
 public:
  // How many updates are looked at for one answer, and their bytes: so that any answer fits.
  static constexpr std::size_t kUpdatesMax = 100;
  static constexpr std::size_t kBytesMax = std::size_t{384} * 1024;

  explicit RecordedConversations(ConversationHistory& history) : history_(history) {}

  absl::StatusOr<v1::FetchStateResponse> FetchState(const v1::FetchStateRequest& request,
                                                    const RpcContext& context) override;

 private:
  ConversationHistory& history_;
};

}  // namespace federation::fednode
