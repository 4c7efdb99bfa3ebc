#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/limits.h"
#include "federation/sqlite_store.h"
#include "federation/store.h"

#include "store/sqlite/link_cache.h"
#include "store/sqlite/link_rows.h"
#include "store/sqlite/notes.h"
#include "store/sqlite/numbers_at_open.h"
#include "store/sqlite/outbox_rows.h"
#include "store/sqlite/scope.h"
#include "store/sqlite/waiting_total.h"

namespace federation::sqlite {

// A row has at most so many updates, and no further one is added to so many bytes.
inline constexpr std::size_t kRunUpdatesMax = 1000;
inline constexpr std::size_t kRunBytesMax = std::size_t{64} * 1024;

// An update for so many destinations goes to the recent rows; these are moved before there are more than so
// many of them, or of their bodies. The moving takes some 40 ms then, and who looks for a link's row looks at
// each body.
inline constexpr std::size_t kRecentLinksMin = 32;
inline constexpr std::size_t kRecentRowsMax = 32'768;
inline constexpr std::size_t kRecentBodiesMax = 32;

// What a transaction appended to one link, a row of it.
struct AppendedRun {
  std::string destination;
  Seq assigned{0};
  std::shared_ptr<const UpdateRun> run;
};

// What a store has one of, and every connection uses.
struct Shared {
  StoreLimits limits{};
  WallClock clock{};
  Notes notes{};
  NumbersAtOpen at_open{};
  WaitingTotal total{};
};

// The outgoing half of a transaction. Appended updates are gathered in memory, as runs, until something has
// to be written. Not thread-safe. Borrows its arguments.
class Outbox {
 public:
  Outbox(Scope& scope, Shared& shared) : scope_(scope), shared_(shared) {}

  // As those of Transaction.
  absl::StatusOr<Seq> Append(std::string_view destination, std::string_view json);
  absl::StatusOr<std::vector<Seq>> AppendToAll(std::span<const std::string> destinations,
                                               std::string_view json);
  absl::StatusOr<LinkNumbers> Renumber(std::string_view destination, Seq boundary, Seq theirs);
  absl::Status Remove(std::string_view destination, Seq first, Seq last);
  absl::StatusOr<Pruned> Prune(std::string_view destination, const Retention& retention,
                               std::size_t count_max);
  absl::Status SetPaused(std::string_view destination, bool paused);

  // To be called when a transaction has begun. `is_stale`: another connection has committed.
  void Begin(bool is_stale);
  absl::Status SaveNotes(const Notes::All& notes);
  // Writes what is gathered. A step begins and ends with nothing gathered.
  absl::Status Flush();
  void BeginStep();
  // After the savepoint: forgets what the step did.
  void UndoStep();
  // Forgets everything; after a rollback.
  void Clear();
  // The bytes that wait more than before, and what was appended, in the order of the numbers of each link.
  std::int64_t waiting_bytes_grown() const { return grown_; }
  std::vector<AppendedRun> TakeAppended();
  // After a commit.
  void TellRenumbered();

 private:
  absl::StatusOr<CachedLink*> Get(std::string_view destination);
  // The same, and gives it a row.
  absl::StatusOr<CachedLink*> GetOrCreate(std::string_view destination);
  // The same, for who changes rows of updates: with nothing gathered, none recent, and `assigned` saved.
  absl::StatusOr<CachedLink*> GetWritten(std::string_view destination);
  absl::Status Create(CachedLink& link);
  void Touch(CachedLink& link);
  absl::Status CheckBounds(CachedLink& link, std::size_t bytes);
  absl::Status CheckLinkBounds(const CachedLink& link, std::size_t bytes) const;
  std::uint64_t WaitingTotalNow() const;
  absl::Status WriteRun(CachedLink& link);
  void Tell(const CachedLink& link, std::shared_ptr<const UpdateRun> run);
  // To be called before updates are written, with the last number before them.
  void KeepAtOpen(CachedLink& link, Seq assigned_before);
  // What the links of one AppendToAll share.
  struct Fan;
  absl::Status AppendShared(CachedLink& link, Fan& fan);
  // Before so many recent rows come.
  absl::Status MakeRoomForRecent(std::size_t rows);
  // To be called before rows of updates are changed.
  absl::Status MoveRecent();
  absl::Status SaveAcked(CachedLink& link, Seq acked);
  // Looks up the bytes again after rows have gone, or were acknowledged.
  absl::Status Recount(CachedLink& link);
  // Deletes the updates after .. last, which may begin and end inside of rows.
  absl::Status Cut(CachedLink& link, Seq after, Seq last);
  // Runs of the link that the observer would get have changed since.
  void ForgetRuns(const CachedLink& link);

  Scope& scope_;
  Shared& shared_;
  LinkRows links_{scope_.connection()};
  OutboxRows rows_{scope_.connection()};
  LinkCache cache_;
  std::vector<CachedLink*> gathered_;
  // None if they have to be counted.
  std::optional<OutboxRows::Recent> recent_;
  std::vector<AppendedRun> appended_;
  std::uint64_t appended_bytes_ = 0;
  std::int64_t grown_ = 0;
  std::vector<std::pair<std::string, Seq>> renumbered_;
  // Of the current step; what outlives it needs no list, as the cache is cleared on a rollback.
  std::uint64_t step_ = 0;
  std::vector<CachedLink*> touched_;
  std::size_t appended_at_step_ = 0;
  std::size_t renumbered_at_step_ = 0;
  std::int64_t grown_at_step_ = 0;
};

}  // namespace federation::sqlite
