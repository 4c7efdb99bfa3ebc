#include "store/sqlite/outbox_rows.h"

#include <algorithm>
#include <string>
#include <utility>

#include "store/sqlite/run_codec.h"

namespace federation::sqlite {
namespace {

// What a row may have of its own: with its numbers it fits on the page (1002 bytes of one of 4096).
constexpr std::size_t kOwnBytesMax = 900;

void BindSizes(Statement& statement, int parameter, std::string_view sizes) {
  if (sizes.empty()) {
    statement.BindNull(parameter);
  } else {
    statement.BindBytes(parameter, sizes);
  }
}

}  // namespace

RunRow OutboxRows::RowOf(const Statement& statement) {
  const std::int64_t last = statement.Integer(0);
  RunRow row;
  row.first = ToSeq(last - statement.Integer(1) + 1);
  row.last = ToSeq(last);
  row.stored_at_s = statement.Integer(2);
  row.bytes = Unsigned(statement.Integer(3));
  row.total_bytes = Unsigned(statement.Integer(4));
  return row;
}

absl::StatusOr<std::optional<RunRow>> OutboxRows::Find(Statement& statement) {
  const absl::StatusOr<bool> found = statement.Step();
  if (!found.ok()) return found.status();
  if (!*found) return std::nullopt;
  const RunRow row = RowOf(statement);
  statement.Reset();
  return row;
}

absl::StatusOr<Statement*> OutboxRows::Choose(Statement& of_outbox, Statement& of_all) {
  const absl::StatusOr<bool> has_recent = HasRecent();
  if (!has_recent.ok()) return has_recent.status();
  return *has_recent ? &of_all : &of_outbox;
}

absl::StatusOr<std::optional<RunRow>> OutboxRows::Newest(std::int64_t link) {
  const absl::StatusOr<Statement*> newest = Choose(newest_, newest_of_all_);
  if (!newest.ok()) return newest.status();
  return Find((*newest)->Bind(1, link));
}

absl::StatusOr<std::optional<RunRow>> OutboxRows::FirstAfter(std::int64_t link, Seq seq) {
  const absl::StatusOr<Statement*> first_after = Choose(first_after_, first_of_all_after_);
  if (!first_after.ok()) return first_after.status();
  return Find((*first_after)->Bind(1, link).Bind(2, seq));
}

absl::StatusOr<UpdateRun> OutboxRows::Read(std::string_view destination, Seq first, std::size_t count_max,
                                           std::size_t bytes_max) {
  const absl::StatusOr<Statement*> chosen = Choose(read_, read_all_);
  if (!chosen.ok()) return chosen.status();
  Statement& read = **chosen;
  read.Bind(1, destination).Bind(2, first);
  Seq start = first;
  std::string json;
  std::vector<std::uint32_t> ends;
  std::vector<std::uint32_t> row_ends;
  while (ends.size() < count_max) {
    const absl::StatusOr<bool> found = read.Step();
    if (!found.ok()) return found.status();
    if (!*found) break;
    const std::int64_t last = read.Integer(0);
    const auto count = static_cast<std::size_t>(read.Integer(1));
    const Seq row_first = ToSeq(last - read.Integer(1) + 1);
    const bool is_gap = !ends.empty() && Value(row_first) != Value(start) + ends.size();
    if (is_gap) break;
    const bool is_own = read.Integer(2) != 0;
    const std::string_view row_json = read.Text(is_own ? 4 : 6);
    absl::Status status = DecodeEnds(read.Bytes(is_own ? 3 : 5), count, row_json.size(), row_ends);
    if (!status.ok()) {
      read.Reset();
      return status;
    }
    std::size_t index = 0;
    if (ends.empty()) {
      start = std::max(first, row_first);
      index = Value(start) - Value(row_first);
    }
    // As many as fit, in one piece.
    const std::size_t begin = index == 0 ? 0 : row_ends[index - 1] + std::size_t{1};
    const std::size_t taken_before = ends.size();
    const std::size_t offset = json.size() + (taken_before == 0 ? 0 : 1);
    for (; index < count && ends.size() < count_max; ++index) {
      const std::size_t size = offset + row_ends[index] - begin;
      if (!ends.empty() && size > bytes_max) break;
      ends.push_back(static_cast<std::uint32_t>(size));
    }
    if (ends.size() > taken_before) {
      if (taken_before != 0) json += ',';
      json.append(row_json.substr(begin, ends.back() - offset));
    }
    if (index < count) break;
  }
  read.Reset();
  return UpdateRun(start, std::move(json), std::move(ends));
}

absl::StatusOr<UpdateRun> OutboxRows::Load(std::int64_t link, const RunRow& row) {
  const absl::StatusOr<bool> found = load_.Bind(1, link).Bind(2, row.last).Step();
  if (!found.ok()) return found.status();
  if (!*found) return absl::InternalError("store: a row of updates has gone");
  std::vector<std::uint32_t> ends;
  std::string json(load_.Text(1));
  absl::Status status = DecodeEnds(load_.Bytes(0), Value(row.last) - Value(row.first) + 1, json.size(), ends);
  load_.Reset();
  if (!status.ok()) return status;
  return UpdateRun(row.first, std::move(json), std::move(ends));
}

absl::Status OutboxRows::Insert(std::int64_t link, const UpdateRun& run, std::int64_t stored_at_s,
                                std::uint64_t total_bytes) {
  const RunRow row{run.first(), run.last(), stored_at_s, UpdateBytes(run), total_bytes};
  const std::string sizes = EncodeSizes(run);
  if (sizes.size() + run.json().size() > kOwnBytesMax) {
    const absl::StatusOr<std::int64_t> body = InsertBody(sizes, run.json(), 1);
    return body.ok() ? InsertWithBody(link, row, *body) : body.status();
  }
  BindNumbers(insert_, link, row);
  BindSizes(insert_, 7, sizes);
  return insert_.Bind(8, std::string_view(run.json())).Run();
}

void OutboxRows::BindNumbers(Statement& statement, std::int64_t link, const RunRow& row) {
  const std::uint64_t count = Value(row.last) - Value(row.first) + 1;
  statement.Bind(1, link).Bind(2, row.last).Bind(3, Signed(count)).Bind(4, row.stored_at_s);
  statement.Bind(5, Signed(row.bytes)).Bind(6, Signed(row.total_bytes));
}

absl::StatusOr<std::int64_t> OutboxRows::InsertBody(std::string_view sizes, std::string_view json,
                                                    std::size_t uses) {
  BindSizes(insert_body_, 2, sizes);
  absl::Status status = insert_body_.Bind(1, static_cast<std::int64_t>(uses)).Bind(3, json).Run();
  if (!status.ok()) return status;
  return sqlite3_last_insert_rowid(connection_);
}

absl::Status OutboxRows::InsertWithBody(std::int64_t link, const RunRow& row, std::int64_t body) {
  BindNumbers(insert_with_body_, link, row);
  return insert_with_body_.Bind(7, body).Run();
}

absl::Status OutboxRows::InsertFan(std::int64_t body) { return insert_fan_.Bind(1, body).Run(); }

absl::Status OutboxRows::InsertRecent(std::int64_t link, const RunRow& row, std::int64_t body) {
  insert_recent_.Bind(1, link).Bind(2, row.last).Bind(3, row.stored_at_s).Bind(4, Signed(row.bytes));
  return insert_recent_.Bind(5, Signed(row.total_bytes)).Bind(6, body).Run();
}

absl::StatusOr<bool> OutboxRows::HasRecent() {
  const absl::StatusOr<bool> row = has_recent_.Step();
  if (!row.ok()) return row.status();
  const bool has_recent = has_recent_.Integer(0) != 0;
  has_recent_.Reset();
  return has_recent;
}

absl::StatusOr<OutboxRows::Recent> OutboxRows::CountRecent() {
  const absl::StatusOr<bool> row = count_recent_.Step();
  if (!row.ok()) return row.status();
  const Recent recent{static_cast<std::size_t>(count_recent_.Integer(0)),
                      static_cast<std::size_t>(count_recent_.Integer(1))};
  count_recent_.Reset();
  return recent;
}

absl::Status OutboxRows::MoveRecent() {
  for (Statement* statement : {&move_recent_, &clear_recent_, &clear_fan_}) {
    absl::Status status = statement->Run();
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status OutboxRows::Split(std::int64_t link, Seq seq) {
  const absl::StatusOr<std::optional<RunRow>> row = FirstAfter(link, seq);
  if (!row.ok()) return row.status();
  if (!row->has_value() || (*row)->first > seq) return absl::OkStatus();
  // Rows that share a body have one update, and are never in the way.
  const RunRow& whole = **row;
  const absl::StatusOr<UpdateRun> run = Load(link, whole);
  if (!run.ok()) return run.status();
  const std::size_t count = Value(seq) - Value(whole.first) + 1;
  const UpdateRun head = run->Slice(0, count, SIZE_MAX);
  const UpdateRun tail = run->Slice(count, run->size(), SIZE_MAX);
  absl::Status status = Delete(link, seq, whole.last);
  if (status.ok()) {
    status = Insert(link, head, whole.stored_at_s, whole.total_bytes - UpdateBytes(tail));
  }
  if (status.ok()) status = Insert(link, tail, whole.stored_at_s, whole.total_bytes);
  return status;
}

absl::Status OutboxRows::Delete(std::int64_t link, Seq after, Seq last) {
  for (Statement* statement : {&release_bodies_, &delete_bodies_, &delete_}) {
    absl::Status status = statement->Bind(1, link).Bind(2, after).Bind(3, last).Run();
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status OutboxRows::CloseGap(std::int64_t link, Seq acked, Seq after, Seq last) {
  const absl::StatusOr<std::optional<RunRow>> front =
      Find(newest_until_.Bind(1, link).Bind(2, acked).Bind(3, after));
  if (!front.ok() || !front->has_value()) return front.status();
  const absl::StatusOr<std::optional<RunRow>> behind = FirstAfter(link, last);
  if (!behind.ok() || !behind->has_value()) return behind.status();
  const std::uint64_t gap = (*behind)->bytes_before() - (*front)->total_bytes;
  if (gap == 0) return absl::OkStatus();
  return raise_.Bind(1, link).Bind(2, acked).Bind(3, after).Bind(4, Signed(gap)).Run();
}

absl::Status OutboxRows::Shift(std::int64_t link, Seq after, std::uint64_t shift) {
  // By way of negative numbers, so that none is there twice at any time.
  absl::Status status = shift_.Bind(1, link).Bind(2, after).Bind(3, Signed(shift)).Run();
  if (status.ok()) status = end_shift_.Bind(1, link).Run();
  return status;
}

absl::StatusOr<Seq> OutboxRows::LastOfBytes(std::int64_t link, const RunRow& row, std::uint64_t excess) {
  if (excess >= row.bytes || row.first == row.last) return row.last;
  const absl::StatusOr<UpdateRun> run = Load(link, row);
  if (!run.ok()) return run.status();
  std::uint64_t gone = 0;
  for (std::size_t i = 0; i < run->size(); ++i) {
    gone += (*run)[i].size();
    if (gone >= excess) return Seq{Value(row.first) + i};
  }
  return row.last;
}

}  // namespace federation::sqlite
