#include "process/note_senders.h"

#include <utility>

#include <fmt/core.h>

#include "federation/sqlite_store.h"

namespace federation::process {
namespace {

using namespace std::chrono_literals;

constexpr int kInFlightMax = 32;
// After a failure, so that the log of a disk in trouble stays short.
constexpr std::chrono::microseconds kFailurePause = 2ms;

}  // namespace

struct NoteSenders::Author {
  Author(const SendersOptions& options, std::uint64_t thread_number)
      : thread(thread_number), random(options.seed * 1'000'003 + options.life * 101 + thread_number) {}

  std::uint64_t Below(std::uint64_t bound) { return random() % bound; }

  std::uint64_t thread;
  std::uint64_t count = 0;
  std::mt19937_64 random;
};

NoteSenders::NoteSenders(Node& node, Store& store, EventLog& log, SendersOptions options)
    : node_(node), store_(store), log_(log), options_(std::move(options)) {}

NoteSenders::~NoteSenders() { Stop(); }

void NoteSenders::Start() {
  threads_.emplace_back([this] { SendByTurns(0); });
  threads_.emplace_back([this] { SendByTurns(1); });
  threads_.emplace_back([this] { SendAsync(2); });
}

void NoteSenders::Stop() {
  stop_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  while (in_flight_ > 0) std::this_thread::sleep_for(1ms);
}

bool NoteSenders::Next() {
  std::this_thread::sleep_for(failed_.exchange(false) ? kFailurePause : options_.pause);
  while (!stop_ && hold_) std::this_thread::sleep_for(1ms);
  return !stop_;
}

Note NoteSenders::MakeNote(Author& author, Way way) {
  Note note;
  note.id = IdOf({options_.life, author.thread, ++author.count, way});
  // It costs the link a second, and a life may be shorter.
  const bool may_wait = author.thread == 0 && author.count == 10 && options_.life % 8 == 0;
  const std::uint64_t chance = author.Below(100);
  if (may_wait) {
    note.kind = Kind::kLater;
  } else if (chance < 10) {
    note.kind = Kind::kAnswer;
  } else if (chance < 11) {
    note.kind = Kind::kReject;
  } else if (chance < 12) {
    note.kind = Kind::kThrow;
  } else if (chance < 18) {
    note.kind = Kind::kQuiet;
  }
  note.padding = std::string(author.Below(author.Below(500) == 0 ? 50'000 : 100), 'x');
  return note;
}

void NoteSenders::SendByTurns(std::uint64_t thread) {
  Author author(options_, thread);
  Database mine = Database::Open(options_.store_path);
  while (Next()) {
    switch (author.Below(3)) {
      case 0:
        SendTransact(author);
        break;
      case 1:
        SendJoined(author, mine);
        break;
      default:
        SendBlocking(author);
    }
  }
}

absl::Status NoteSenders::SendInside(Transaction& transaction, const std::vector<Note>& notes,
                                     std::vector<Seq>& numbers) {
  for (const Note& note : notes) {
    const absl::StatusOr<Seq> seq = node_.SendStrong(transaction, options_.peer, ToJson(note));
    if (!seq.ok()) return seq.status();
    const absl::StatusOr<sqlite3*> connection = SqliteConnection(transaction);
    if (!connection.ok()) return connection.status();
    absl::Status status = InsertSent(*connection, options_.peer, Value(*seq), note.id);
    if (!status.ok()) return status;
    numbers.push_back(*seq);
  }
  return absl::OkStatus();
}

void NoteSenders::SendTransact(Author& author) {
  std::vector<Note> notes;
  for (std::uint64_t i = 0; i <= author.Below(3); ++i) notes.push_back(MakeNote(author, Way::kTransact));
  const bool undo = author.Below(10) == 0;
  std::vector<Seq> numbers;
  const absl::Status status = store_.Transact([&](Transaction& transaction) -> absl::Status {
    absl::Status sent = SendInside(transaction, notes, numbers);
    return sent.ok() && undo ? absl::CancelledError("changed its mind") : sent;
  });
  Tell(notes, numbers, status);
}

void NoteSenders::SendJoined(Author& author, Database& mine) {
  std::vector<Note> notes;
  for (std::uint64_t i = 0; i <= author.Below(3); ++i) notes.push_back(MakeNote(author, Way::kJoined));
  const bool undo = author.Below(10) == 0;
  std::vector<Seq> numbers;
  absl::Status status = mine.Execute("BEGIN IMMEDIATE");
  if (status.ok()) {
    const auto joined = JoinSqlite(store_, mine.get());
    status = joined.ok() ? SendInside(**joined, notes, numbers) : joined.status();
    if (status.ok() && undo) status = absl::CancelledError("changed its mind");
    if (status.ok()) status = mine.Execute("COMMIT");
    // SQLite has ended it by itself after some failures.
    if (!status.ok() && sqlite3_get_autocommit(mine.get()) == 0) {
      const absl::Status undone = mine.Execute("ROLLBACK");
      if (!undone.ok()) log_.Write("error rollback: " + undone.ToString());
    }
  }
  Tell(notes, numbers, status);
}

void NoteSenders::SendBlocking(Author& author) {
  const Note note = MakeNote(author, Way::kBlocking);
  log_.Write("try " + note.id);
  Tell(note.id, node_.SendStrong(options_.peer, ToJson(note)));
}

void NoteSenders::SendAsync(std::uint64_t thread) {
  Author author(options_, thread);
  while (Next()) {
    if (in_flight_ >= kInFlightMax) {
      std::this_thread::sleep_for(100us);
      continue;
    }
    const Note note = MakeNote(author, Way::kAsync);
    log_.Write("try " + note.id);
    ++in_flight_;
    node_.SendStrongAsync(options_.peer, ToJson(note), [this, id = note.id](const absl::StatusOr<Seq>& seq) {
      Tell(id, seq);
      --in_flight_;
    });
  }
}

void NoteSenders::Tell(const std::string& id, const absl::StatusOr<Seq>& seq) {
  if (seq.ok()) return log_.Write(fmt::format("ack {} {}", id, Value(*seq)));
  failed_ = true;
  log_.Write(fmt::format("fail {} {} {}", id, absl::StatusCodeToString(seq.status().code()),
                         std::string(seq.status().message())));
}

void NoteSenders::Tell(const std::vector<Note>& notes, const std::vector<Seq>& numbers,
                       const absl::Status& status) {
  for (std::size_t i = 0; i < notes.size(); ++i) {
    if (status.ok()) {
      Tell(notes[i].id, numbers[i]);
    } else if (absl::IsCancelled(status)) {
      log_.Write("undone " + notes[i].id);
    } else {
      Tell(notes[i].id, status);
    }
  }
}

}  // namespace federation::process
