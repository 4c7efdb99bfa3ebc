#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

struct sqlite3;
struct sqlite3_stmt;

namespace federation::fednode {

// Reads fednode_history by conversation, on a connection of its own, so that no writer waits for it.
// Thread-safe.
class ConversationHistory {
 public:
  // `path`: the file of a store in which a History is open. Errors: unavailable.
  static absl::StatusOr<std::unique_ptr<ConversationHistory>> Open(const std::string& path);
  ~ConversationHistory();
  ConversationHistory(const ConversationHistory&) = delete;
  ConversationHistory& operator=(const ConversationHistory&) = delete;

  struct Row {
    std::int64_t id = 0;
    std::string json;
  };
  // What came from `partner` and what was sent to it that belongs to a conversation with this number, of any
  // kind: the newest rows before the one with the id `before`, the newest first; as many as fit in both
  // limits, but at least one if there is one.
  absl::StatusOr<std::vector<Row>> Read(std::int64_t peer_id, std::string_view partner, std::int64_t before,
                                        std::size_t rows_max, std::size_t bytes_max);

 private:
  ConversationHistory() = default;

  std::mutex mutex_;
  sqlite3* connection_ = nullptr;
  sqlite3_stmt* select_ = nullptr;
};

}  // namespace federation::fednode
