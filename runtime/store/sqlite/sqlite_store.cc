#include "federation/sqlite_store.h"

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <exception>
#include <fcntl.h>
#include <future>
#include <map>
#include <mutex>
#include <thread>
#include <unistd.h>
#include <utility>

#include <fmt/core.h>
#include <sys/file.h>

#include "log/log.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite_transaction.h"

namespace federation {
namespace {

using sqlite::Connection;
using sqlite::Signed;
using sqlite::SqliteTransaction;
using sqlite::Statement;
using sqlite::ToSeq;

// How much of the queue goes into one transaction: the others wait for it.
constexpr std::size_t kWorkPerCommitMax = 4096;
// How long confirmed numbers wait for a commit that takes them along.
constexpr std::chrono::milliseconds kAckedDelayMax{500};

// Keeps a second process away as long as it lives.
class FileLock {
 public:
  static absl::StatusOr<FileLock> Take(const std::string& path) {
    FileLock lock;
    lock.descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock.descriptor_ < 0) {
      return absl::UnavailableError(fmt::format("store: cannot open {}: {}", path, std::strerror(errno)));
    }
    if (flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
      return absl::FailedPreconditionError(fmt::format("store: {} is in use by another process", path));
    }
    return lock;
  }
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock() {
    if (descriptor_ >= 0) close(descriptor_);
  }

 private:
  FileLock() = default;
  int descriptor_ = -1;
};

// A handler of the embedder runs inside; what it throws must not leave a transaction half done.
absl::Status RunGuarded(const Store::Work& work, Transaction& transaction) {
  try {
    return work(transaction);
  } catch (const std::exception& error) {
    return absl::InternalError(fmt::format("work in a transaction threw: {}", error.what()));
  } catch (...) {
    return absl::InternalError("work in a transaction threw");
  }
}

// One connection writes, under a mutex; another one reads. Queued work is committed by a thread of the store,
// as much at a time as has come together during the commit before.
class SqliteStore final : public Store {
 public:
  SqliteStore(FileLock lock, std::unique_ptr<SqliteTransaction> writer, Connection reader)
      : lock_(std::move(lock)), writer_(std::move(writer)), reader_(std::move(reader)) {}

  absl::Status Start() {
    const std::pair<Statement*, const char*> statements[] = {
        {&select_link_, "SELECT assigned, acked FROM federation_link WHERE destination = ?1"},
        {&select_links_, "SELECT destination, assigned, acked FROM federation_link ORDER BY destination"},
        {&select_updates_,
         "SELECT seq, json FROM federation_outbox WHERE link = (SELECT id FROM federation_link WHERE "
         "destination = ?1)"
         " AND seq >= ?2 ORDER BY seq LIMIT ?3"},
        {&select_quarantine_,
         "SELECT seq, reason, json FROM federation_quarantine WHERE origin = ?1 ORDER BY seq LIMIT ?2"},
    };
    for (const auto& [statement, sql] : statements) {
      absl::StatusOr<Statement> prepared = reader_.Prepare(sql);
      if (!prepared.ok()) return prepared.status();
      *statement = *std::move(prepared);
    }
    thread_ = std::thread([this] { RunQueue(); });
    return absl::OkStatus();
  }

  ~SqliteStore() override {
    {
      const std::lock_guard guard(queue_mutex_);
      stopping_ = true;
    }
    queue_changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  void Submit(Work work, Done done) override {
    {
      const std::lock_guard guard(queue_mutex_);
      queue_.push_back({std::move(work), std::move(done)});
    }
    queue_changed_.notify_one();
  }

  absl::Status Transact(const Work& work) override {
    if (InTransaction()) {
      return absl::FailedPreconditionError(
          "store: this thread is inside of a transaction already; join that one");
    }
    const std::lock_guard guard(write_mutex_);
    const WritingThread writing(*this);
    absl::Status status = writer_->Begin();
    if (!status.ok()) return status;
    status = RunGuarded(work, *writer_);
    if (!status.ok()) {
      writer_->Rollback();
      return status;
    }
    return CommitAndTell();
  }

  bool InTransaction() const override { return writing_thread_.load() == std::this_thread::get_id(); }

  absl::StatusOr<LinkNumbers> Link(std::string_view destination) override {
    const std::lock_guard guard(read_mutex_);
    const absl::StatusOr<bool> row = select_link_.Bind(1, destination).Step();
    if (!row.ok()) return row.status();
    if (!*row) return LinkNumbers{};
    const LinkNumbers numbers{ToSeq(select_link_.Integer(0)), ToSeq(select_link_.Integer(1))};
    select_link_.Reset();
    return numbers;
  }

  absl::StatusOr<std::vector<NamedLink>> Links() override {
    const std::lock_guard guard(read_mutex_);
    std::vector<NamedLink> links;
    while (true) {
      const absl::StatusOr<bool> row = select_links_.Step();
      if (!row.ok()) return row.status();
      if (!*row) return links;
      links.push_back({std::string(select_links_.Text(0)),
                       {ToSeq(select_links_.Integer(1)), ToSeq(select_links_.Integer(2))}});
    }
  }

  absl::StatusOr<std::vector<StoredUpdate>> Read(std::string_view destination, Seq first,
                                                 std::size_t count_max, std::size_t bytes_max) override {
    const std::lock_guard guard(read_mutex_);
    std::vector<StoredUpdate> updates;
    std::size_t bytes = 0;
    select_updates_.Bind(1, destination).Bind(2, Signed(first)).Bind(3, static_cast<std::int64_t>(count_max));
    while (true) {
      const absl::StatusOr<bool> row = select_updates_.Step();
      if (!row.ok()) return row.status();
      if (!*row) return updates;
      const std::string_view json = select_updates_.Text(1);
      bytes += json.size();
      if (!updates.empty() && bytes > bytes_max) break;
      updates.push_back({ToSeq(select_updates_.Integer(0)), std::string(json)});
    }
    select_updates_.Reset();
    return updates;
  }

  absl::StatusOr<std::vector<QuarantinedUpdate>> Quarantined(std::string_view origin,
                                                             std::size_t count_max) override {
    const std::lock_guard guard(read_mutex_);
    std::vector<QuarantinedUpdate> updates;
    select_quarantine_.Bind(1, origin).Bind(2, static_cast<std::int64_t>(count_max));
    while (true) {
      const absl::StatusOr<bool> row = select_quarantine_.Step();
      if (!row.ok()) return row.status();
      if (!*row) return updates;
      updates.push_back({std::string(origin), ToSeq(select_quarantine_.Integer(0)),
                         std::string(select_quarantine_.Text(1)), std::string(select_quarantine_.Text(2))});
    }
  }

  void NoteAcked(std::string_view destination, Seq acked) override {
    bool first = false;
    {
      const std::lock_guard guard(queue_mutex_);
      first = acked_.empty();
      acked_.insert_or_assign(std::string(destination), acked);
    }
    if (first) queue_changed_.notify_one();
  }

  absl::StatusOr<std::size_t> Prune(std::chrono::seconds age, std::size_t count_max) override {
    const absl::StatusOr<std::vector<NamedLink>> links = Links();
    if (!links.ok()) return links.status();
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::int64_t before_s = (std::chrono::duration_cast<std::chrono::seconds>(now) - age).count();
    std::size_t removed = 0;
    for (const NamedLink& link : *links) {
      if (removed >= count_max) break;
      absl::Status status = Transact(
          [&](Transaction&) { return PruneLink(link.destination, before_s, count_max - removed, &removed); });
      if (!status.ok()) return status;
    }
    return removed;
  }

  void ObserveAppends(AppendObserver observer) override {
    const std::lock_guard guard(write_mutex_);
    observer_ = std::move(observer);
  }

 private:
  struct Queued {
    Work work;
    Done done;
    absl::Status status = absl::OkStatus();
  };

  // Marks the thread that holds the write mutex.
  class WritingThread {
   public:
    explicit WritingThread(SqliteStore& store) : store_(store) {
      store_.writing_thread_ = std::this_thread::get_id();
    }
    ~WritingThread() { store_.writing_thread_ = std::thread::id(); }
    WritingThread(const WritingThread&) = delete;
    WritingThread& operator=(const WritingThread&) = delete;

   private:
    SqliteStore& store_;
  };

  // Until the destructor wants the thread to end and nothing is left.
  void RunQueue() {
    while (true) {
      std::deque<Queued> batch;
      std::map<std::string, Seq, std::less<>> acked;
      {
        std::unique_lock lock(queue_mutex_);
        queue_changed_.wait(lock, [this] { return stopping_ || !queue_.empty() || !acked_.empty(); });
        if (queue_.empty()) {
          queue_changed_.wait_for(lock, kAckedDelayMax, [this] { return stopping_ || !queue_.empty(); });
        }
        if (queue_.empty() && acked_.empty()) {
          if (stopping_) return;
          continue;
        }
        if (queue_.size() <= kWorkPerCommitMax) {
          batch.swap(queue_);
        } else {
          const auto last = queue_.begin() + static_cast<std::ptrdiff_t>(kWorkPerCommitMax);
          batch.insert(batch.end(), std::make_move_iterator(queue_.begin()), std::make_move_iterator(last));
          queue_.erase(queue_.begin(), last);
        }
        acked.swap(acked_);
      }
      CommitTogether(batch, acked);
      for (Queued& queued : batch) queued.done(queued.status);
    }
  }

  void CommitTogether(std::deque<Queued>& batch, const std::map<std::string, Seq, std::less<>>& acked) {
    const std::lock_guard guard(write_mutex_);
    const WritingThread writing(*this);
    absl::Status status = writer_->Begin();
    if (status.ok()) {
      for (Queued& queued : batch) queued.status = RunUnit(queued.work);
      for (const auto& [destination, seq] : acked) {
        const absl::Status saved = writer_->SaveAcked(destination, seq);
        if (!saved.ok()) Log().warn("{}", saved.ToString());
      }
      status = CommitAndTell();
    }
    if (status.ok()) return;
    for (Queued& queued : batch) {
      if (queued.status.ok()) queued.status = status;
    }
  }

  absl::Status RunUnit(const Work& work) {
    absl::Status status = writer_->BeginUnit();
    if (!status.ok()) return status;
    status = RunGuarded(work, *writer_);
    if (status.ok()) return writer_->KeepUnit();
    writer_->UndoUnit();
    return status;
  }

  absl::Status CommitAndTell() {
    const auto appended = writer_->appended();
    absl::Status status = writer_->Commit();
    if (status.ok() && observer_) {
      for (const auto& [destination, assigned] : appended) observer_(destination, assigned);
    }
    return status;
  }

  absl::Status PruneLink(std::string_view destination, std::int64_t before_s, std::size_t count_max,
                         std::size_t* removed) {
    // The oldest rows have the lowest numbers, so the first one that is too young ends the search.
    absl::StatusOr<Statement> oldest = writer_->raw().Prepare(
        "SELECT link, seq, stored_at_s FROM federation_outbox JOIN federation_link ON id = link"
        " WHERE destination = ?1 AND seq <= acked ORDER BY seq LIMIT ?2");
    if (!oldest.ok()) return oldest.status();
    oldest->Bind(1, destination).Bind(2, static_cast<std::int64_t>(count_max));
    std::int64_t link = 0;
    std::int64_t up_to = 0;
    std::size_t count = 0;
    while (true) {
      const absl::StatusOr<bool> row = oldest->Step();
      if (!row.ok()) return row.status();
      if (!*row) break;
      if (oldest->Integer(2) >= before_s) {
        oldest->Reset();
        break;
      }
      link = oldest->Integer(0);
      up_to = oldest->Integer(1);
      ++count;
    }
    if (count == 0) return absl::OkStatus();
    absl::StatusOr<Statement> remove =
        writer_->raw().Prepare("DELETE FROM federation_outbox WHERE link = ?1 AND seq <= ?2");
    if (!remove.ok()) return remove.status();
    *removed += count;
    return remove->Bind(1, link).Bind(2, up_to).Run();
  }

  const FileLock lock_;

  std::mutex write_mutex_;  // guards writer_ and observer_
  AppendObserver observer_;
  std::unique_ptr<SqliteTransaction> writer_;
  std::atomic<std::thread::id> writing_thread_{};

  std::mutex read_mutex_;  // guards reader_ and its statements
  Connection reader_;
  Statement select_link_, select_links_, select_updates_, select_quarantine_;

  std::mutex queue_mutex_;  // guards what follows; never held together with another one
  std::condition_variable queue_changed_;
  std::deque<Queued> queue_;
  std::map<std::string, Seq, std::less<>> acked_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path, const StoreLimits& limits) {
  // SQLite takes these for databases in memory, of which each connection would have its own.
  if (path.empty() || path.starts_with(":memory:") || path.starts_with("file:")) {
    return absl::InvalidArgumentError(fmt::format("store: want the path of a file, got \"{}\"", path));
  }
  absl::StatusOr<FileLock> lock = FileLock::Take(path + ".lock");
  if (!lock.ok()) return lock.status();
  // SQLite would give it the modes that the process's mask leaves; what is in it is private.
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return absl::UnavailableError(fmt::format("store: cannot open {}: {}", path, std::strerror(errno)));
  }
  close(descriptor);
  absl::StatusOr<Connection> writer = Connection::Open(path);
  if (!writer.ok()) return writer.status();
  absl::Status status = sqlite::Configure(*writer);
  if (status.ok()) status = sqlite::CreateTables(*writer);
  if (!status.ok()) return status;
  absl::StatusOr<Connection> reader = Connection::Open(path);
  if (!reader.ok()) return reader.status();
  status = sqlite::Configure(*reader);
  if (!status.ok()) return status;
  absl::StatusOr<std::unique_ptr<SqliteTransaction>> transaction =
      SqliteTransaction::Create(*std::move(writer), limits);
  if (!transaction.ok()) return transaction.status();
  auto store = std::make_unique<SqliteStore>(*std::move(lock), *std::move(transaction), *std::move(reader));
  status = store->Start();
  if (!status.ok()) return status;
  return store;
}

sqlite3* SqliteConnection(Transaction& transaction) {
  return static_cast<SqliteTransaction&>(transaction).connection();
}

}  // namespace federation
