#pragma once

// How rows of fednode_history are found by their conversation: without a column of its own, as an index on
// expressions (https://sqlite.org/expridx.html). A query has to use the same expressions, to the letter.
namespace federation::fednode {

// The number of the conversation that an update belongs to; null if to none. What peers send may be spelled
// as a string. A row must never fail for this, as its link would stand still.
#define FEDNODE_HISTORY_PEER_ID \
  "CASE WHEN json_valid(update_json) THEN CAST(json_extract(update_json, '$.peer.id') AS INTEGER) END"
// The server at the other end.
#define FEDNODE_HISTORY_PARTNER "CASE destination WHEN '' THEN origin ELSE destination END"

inline constexpr char kHistoryIndex[] =
    "CREATE INDEX IF NOT EXISTS fednode_history_conversation ON fednode_history(" FEDNODE_HISTORY_PEER_ID
    ", " FEDNODE_HISTORY_PARTNER ") WHERE " FEDNODE_HISTORY_PEER_ID " IS NOT NULL";

// Rows of one conversation with a server, the newest first: conversation, server, before which id, how many.
inline constexpr char kHistoryOfConversation[] =
    "SELECT id, update_json FROM fednode_history WHERE " FEDNODE_HISTORY_PEER_ID
    " IS NOT NULL AND " FEDNODE_HISTORY_PEER_ID " = ?1 AND " FEDNODE_HISTORY_PARTNER
    " = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4";

#undef FEDNODE_HISTORY_PEER_ID
#undef FEDNODE_HISTORY_PARTNER

}  // namespace federation::fednode
