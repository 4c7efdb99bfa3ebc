#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "federation/node.h"
#include "federation/store.h"

#include "process/database.h"
#include "process/event_log.h"
#include "process/note.h"

namespace federation::process {

struct SendersOptions {
  std::string peer{};
  std::string store_path{};
  std::uint64_t life = 1;
  std::uint64_t seed = 1;
  // Between two notes of a thread.
  std::chrono::microseconds pause{0};
};

// Threads that send notes to the peer as fast as they can, by all ways. Borrows node, store and log.
class NoteSenders {
 public:
  NoteSenders(Node& node, Store& store, EventLog& log, SendersOptions options);
  // Stops.
  ~NoteSenders();

  void Start();
  // They wait while too much waits for the peer.
  void Hold(bool hold) { hold_ = hold; }
  // Ends the threads, after what they are about.
  void Stop();

 private:
  // What a thread has for itself.
  struct Author;

  void SendByTurns(std::uint64_t thread);
  void SendAsync(std::uint64_t thread);
  // Until the next note may be sent; false at the end.
  bool Next();
  Note MakeNote(Author& author, Way way);
  void SendTransact(Author& author);
  void SendJoined(Author& author, Database& mine);
  absl::Status SendInside(Transaction& transaction, const std::vector<Note>& notes,
                          std::vector<Seq>& numbers);
  void SendBlocking(Author& author);
  void Tell(const std::string& id, const absl::StatusOr<Seq>& seq);
  void Tell(const std::vector<Note>& notes, const std::vector<Seq>& numbers, const absl::Status& status);

  Node& node_;
  Store& store_;
  EventLog& log_;
  const SendersOptions options_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> hold_{false};
  std::atomic<int> in_flight_{0};
  std::atomic<bool> failed_{false};
  std::vector<std::thread> threads_;
};

}  // namespace federation::process
