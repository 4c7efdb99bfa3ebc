#pragma once

#include <memory>
#include <string>

#include "federation/sqlite_store.h"
#include "federation/store.h"

#include "store/sqlite/file_lock.h"
#include "store/sqlite/leases.h"
#include "store/sqlite/queue.h"
#include "store/sqlite/reader.h"
#include "store/sqlite/writer.h"

namespace federation::sqlite {

// One connection writes, in turns; another one reads. A thread of the store commits what callers hand over.
class SqliteStore final : public Store {
 public:
  SqliteStore(FileLock lock, std::string path, Connection writer, Connection reader,
              const StoreLimits& limits, WallClock clock);

  absl::Status Start();
  absl::StatusOr<std::unique_ptr<Transaction>> Join(sqlite3* connection);

  void Append(std::string destination, std::string json, AppendDone done) override;
  void Submit(Work work, Done done) override;
  absl::Status Transact(const Work& work) override;
  std::unique_ptr<LazyTransaction> Begin() override;
  bool InTransaction() const override;

  absl::StatusOr<StoredLink> Link(std::string_view destination) override { return reader_.Link(destination); }
  absl::StatusOr<std::vector<StoredLink>> Links(std::string_view after, std::size_t count_max) override {
    return reader_.Links(after, count_max);
  }
  absl::StatusOr<std::vector<std::string>> WaitingLinks() override { return reader_.WaitingLinks(); }
  absl::StatusOr<UpdateRun> Read(std::string_view destination, Seq first, std::size_t count_max,
                                 std::size_t bytes_max) override {
    return reader_.Read(destination, first, count_max, bytes_max);
  }
  absl::StatusOr<Seq> Last(std::string_view origin) override { return reader_.Last(origin); }
  absl::StatusOr<std::vector<QuarantinedUpdate>> Quarantined(std::string_view origin, std::int64_t after,
                                                             std::size_t count_max) override {
    return reader_.Quarantined(origin, after, count_max);
  }
  absl::StatusOr<std::vector<QuarantineSize>> Quarantines() override { return reader_.Quarantines(); }

  void NoteAcked(std::string_view destination, Seq acked) override;
  void NoteBackOff(std::string_view destination, const BackOff& backoff) override;
  void NoteCompared(std::string_view destination) override { shared_.at_open.Compared(destination); }

  absl::StatusOr<bool> Lease(std::string_view destination, std::string_view owner,
                             std::chrono::milliseconds duration) override {
    return leases_.Lease(destination, owner, duration);
  }
  void EndLease(std::string_view destination, std::string_view owner) override {
    leases_.EndLease(destination, owner);
  }

  void ObserveAppends(AppendObserver observer) override { writer_.Observe(std::move(observer)); }

 private:
  const FileLock lock_;
  const std::string path_;
  Shared shared_;
  Leases leases_;
  Reader reader_;
  Writer writer_;
  Queue queue_{this, writer_, shared_};  // the last one: it uses the others until its thread has ended
};

}  // namespace federation::sqlite
