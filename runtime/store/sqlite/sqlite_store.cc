#include "store/sqlite/sqlite_store.h"

#include <utility>

#include <sys/stat.h>

#include "store/sqlite/guarded_work.h"
#include "store/sqlite/inside.h"
#include "store/sqlite/joined_transaction.h"
#include "store/sqlite/lazy_transaction.h"

namespace federation::sqlite {

SqliteStore::SqliteStore(FileLock lock, std::string path, Connection writer, Connection reader,
                         const StoreLimits& limits, WallClock clock)
    : lock_(std::move(lock)),
      path_(std::move(path)),
      shared_{.limits = limits,
              .clock = clock ? std::move(clock) : WallClock([] { return std::chrono::system_clock::now(); })},
      reader_(std::move(reader), shared_.at_open),
      writer_(std::move(writer), shared_) {}

absl::Status SqliteStore::Start() {
  const absl::StatusOr<Reader::Waiting> waiting = reader_.WaitingTotal();
  if (!waiting.ok()) return waiting.status();
  shared_.total.bytes = Signed(waiting->bytes);
  shared_.total.joined_bytes = waiting->joined_bytes;
  queue_.Start();
  return absl::OkStatus();
}

void SqliteStore::Append(std::string destination, std::string json, AppendDone done) {
  queue_.Append(std::move(destination), std::move(json), std::move(done));
}

void SqliteStore::Submit(Work work, Done done) { queue_.Submit(std::move(work), std::move(done)); }

absl::Status SqliteStore::Transact(const Work& work) {
  if (InTransaction()) {
    return absl::FailedPreconditionError(
        "store: this thread is inside of a transaction already; join that one");
  }
  const Inside inside(this);
  absl::Status status = writer_.Enter(/*may_share=*/false);
  if (!status.ok()) return status;
  status = RunGuarded(work, writer_.session());
  if (status.ok()) return writer_.Commit();
  writer_.Rollback();
  return status;
}

std::unique_ptr<LazyTransaction> SqliteStore::Begin() {
  return std::make_unique<SqliteLazyTransaction>(this, writer_, queue_, reader_);
}

bool SqliteStore::InTransaction() const { return Inside::Is(this); }

void SqliteStore::NoteAcked(std::string_view destination, Seq acked) {
  if (shared_.notes.NoteAcked(destination, acked)) queue_.Wake();
}

void SqliteStore::NoteBackOff(std::string_view destination, const BackOff& backoff) {
  if (shared_.notes.NoteBackOff(destination, backoff)) queue_.Wake();
}

absl::StatusOr<std::unique_ptr<Transaction>> SqliteStore::Join(sqlite3* connection) {
  const char* theirs = sqlite3_db_filename(connection, "main");
  struct stat our_file{};
  struct stat their_file{};
  if (theirs == nullptr || stat(theirs, &their_file) != 0 || stat(path_.c_str(), &our_file) != 0 ||
      our_file.st_dev != their_file.st_dev || our_file.st_ino != their_file.st_ino) {
    return absl::FailedPreconditionError("store: the connection is one to another file");
  }
  if (sqlite3_get_autocommit(connection) != 0) {
    return absl::FailedPreconditionError("store: no transaction is open on the connection");
  }
  return std::make_unique<JoinedTransaction>(this, connection, shared_, writer_, reader_);
}

}  // namespace federation::sqlite
