#include "process/checker.h"

#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fmt/core.h>

#include "federation/sqlite_store.h"

#include "process/database.h"
#include "process/note.h"
#include "process/side_log.h"

namespace federation::process {
namespace {

// One cause shows at many places.
constexpr std::size_t kViolationsMax = 20;

class Findings {
 public:
  template <typename... Values>
  void Want(bool holds, fmt::format_string<Values...> words, Values&&... values) {
    if (holds) return;
    ++count_;
    if (count_ <= kViolationsMax) violations_.push_back(fmt::format(words, std::forward<Values>(values)...));
  }
  Violations Take() {
    if (count_ > kViolationsMax) violations_.push_back(fmt::format("and {} more", count_ - kViolationsMax));
    return std::move(violations_);
  }

 private:
  Violations violations_;
  std::size_t count_ = 0;
};

struct Numbers {
  std::uint64_t assigned = 0;
  std::uint64_t acked = 0;
};

// What is committed in a file now.
Numbers NumbersOf(Database& database, const std::string& destination) {
  const auto rows = database.Query(fmt::format(
      "SELECT max(assigned, ifnull((SELECT max(last) FROM federation_outbox WHERE link = id), 0)), acked"
      " FROM federation_link WHERE destination = '{}'",
      destination));
  return rows.empty() ? Numbers{} : Numbers{std::stoull(rows[0][0]), std::stoull(rows[0][1])};
}

std::uint64_t LastOf(Database& database, const std::string& origin) {
  return database.QueryNumber(fmt::format("SELECT last FROM federation_inbox WHERE origin = '{}'", origin));
}

struct TableRow {
  std::uint64_t seq = 0;
  std::string id;
};

std::vector<TableRow> ReadTable(Database& database, const std::string& sql) {
  std::vector<TableRow> table;
  for (Database::Row& row : database.Query(sql)) table.push_back({std::stoull(row[0]), std::move(row[1])});
  return table;
}

std::vector<TableRow> Sent(Database& database, const std::string& destination) {
  return ReadTable(
      database, fmt::format("SELECT seq, id FROM sent WHERE destination = '{}' ORDER BY rowid", destination));
}

std::vector<TableRow> Applied(Database& database, const std::string& origin) {
  return ReadTable(database,
                   fmt::format("SELECT seq, id FROM applied WHERE origin = '{}' ORDER BY place", origin));
}

// All that one side has sent and the other one has got, when both have ended.
class Direction {
 public:
  Direction(const Traces& from, const Traces& to, Findings& findings, Totals& totals)
      : from_(from), to_(to), findings_(findings), totals_(totals) {}

  void Check(const SideLog& from_log, const SideLog& to_log, const std::set<std::string>& failures) {
    LoadOrigin();
    LoadDestination();
    CheckOutbox();
    CheckSent();
    CheckOrderOfAuthors();
    CheckLog(from_log, failures);
    CheckArrivals();
    CheckAnswers();
    for (const std::uint64_t seq : to_log.applied) {
      findings_.Want(seq <= last_, "{} was told that {} is applied, which it is not", to_.domain, seq);
    }
    totals_.updates = notes_.size();
    totals_.told_durable = from_log.acked.size();
    totals_.told_failed = from_log.failures;
  }

 private:
  void LoadOrigin() {
    Database database = Database::OpenReadOnly(from_.store_path);
    sent_ = Sent(database, to_.domain);
    const auto whole = database.Query("PRAGMA quick_check");
    findings_.Want(whole.size() == 1 && whole[0][0] == "ok", "{}: {}", from_.store_path, whole[0][0]);
    const auto store = OpenSqliteStore(from_.store_path);
    if (!store.ok()) return findings_.Want(false, "{}", store.status().ToString());
    const absl::StatusOr<StoredLink> link = (*store)->Link(to_.domain);
    if (!link.ok()) return findings_.Want(false, "{}", link.status().ToString());
    numbers_ = link->numbers;
    for (Seq next{1}; next <= numbers_.assigned;) {
      const absl::StatusOr<UpdateRun> run = (*store)->Read(to_.domain, next, 10'000, 10'000'000);
      if (!run.ok()) return findings_.Want(false, "{}", run.status().ToString());
      findings_.Want(!run->empty() && run->first() == next, "{} has no update {}", from_.domain, Value(next));
      if (run->empty() || run->first() != next) return;
      for (std::size_t i = 0; i < run->size(); ++i) AddNote((*run)[i]);
      next = Next(run->last());
    }
  }

  void AddNote(std::string_view json) {
    std::optional<Note> note = ParseNote(json);
    const std::uint64_t seq = notes_.size() + 1;
    findings_.Want(note.has_value(), "{} has sent what is no note as {}: {}", from_.domain, seq, json);
    if (!note.has_value()) note.emplace();
    note->padding.clear();
    const bool is_new = seqs_.emplace(note->id, seq).second;
    findings_.Want(is_new, "{} has sent {} twice, the second time as {}", from_.domain, note->id, seq);
    notes_.push_back(*std::move(note));
    json_hashes_.push_back(std::hash<std::string_view>()(json));
  }

  void LoadDestination() {
    Database database = Database::OpenReadOnly(to_.store_path);
    applied_ = Applied(database, from_.domain);
    answers_ = Sent(database, from_.domain);
    const auto store = OpenSqliteStore(to_.store_path);
    if (!store.ok()) return findings_.Want(false, "{}", store.status().ToString());
    const absl::StatusOr<Seq> last = (*store)->Last(from_.domain);
    if (last.ok()) last_ = Value(*last);
    while (true) {
      auto page =
          (*store)->Quarantined(from_.domain, quarantined_.empty() ? 0 : quarantined_.back().id, 1000);
      if (!page.ok()) return findings_.Want(false, "{}", page.status().ToString());
      if (page->empty()) return;
      for (QuarantinedUpdate& update : *page) quarantined_.push_back(std::move(update));
    }
  }

  const Note* NoteAt(std::uint64_t seq) const {
    return seq == 0 || seq > notes_.size() ? nullptr : &notes_[seq - 1];
  }

  void CheckOutbox() {
    const std::uint64_t assigned = Value(numbers_.assigned);
    findings_.Want(Value(numbers_.acked) == assigned, "{}: {} given out, but {} confirmed", from_.domain,
                   assigned, Value(numbers_.acked));
    findings_.Want(last_ == assigned, "{} has {} of {}, which has given out {}", to_.domain, last_,
                   from_.domain, assigned);
    findings_.Want(notes_.size() == assigned, "{} has {} updates and has given out {}", from_.domain,
                   notes_.size(), assigned);
  }

  // Rows without an update, updates without a row.
  void CheckSent() {
    std::unordered_map<std::uint64_t, std::string> rows;
    for (const TableRow& row : sent_) {
      const Note* note = NoteAt(row.seq);
      findings_.Want(note != nullptr && note->id == row.id,
                     "{}: a row of `sent` says {} is {}, the outbox: {}", from_.domain, row.seq, row.id,
                     note == nullptr ? "nothing" : note->id);
      findings_.Want(rows.emplace(row.seq, row.id).second, "{}: two rows of `sent` for {}", from_.domain,
                     row.seq);
    }
    for (std::uint64_t seq = 1; seq <= notes_.size(); ++seq) {
      const std::optional<Author> author = AuthorOf(notes_[seq - 1].id);
      const bool has_row = !author.has_value() || HasRow(author->way);
      findings_.Want(has_row == rows.contains(seq), "{}: update {} ({}) {} a row of `sent`", from_.domain,
                     seq, notes_[seq - 1].id, has_row ? "lacks" : "has");
    }
  }

  void CheckOrderOfAuthors() {
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> counts;
    for (const Note& note : notes_) {
      const std::optional<Author> author = AuthorOf(note.id);
      if (!author.has_value()) continue;
      std::uint64_t& count = counts[{author->life, author->thread}];
      findings_.Want(author->count > count, "{}: {} has a higher number than what its thread sent later",
                     from_.domain, note.id);
      count = author->count;
    }
  }

  void CheckLog(const SideLog& log, const std::set<std::string>& failures) {
    for (const auto& [id, seq] : log.acked) {
      const Note* note = NoteAt(seq);
      findings_.Want(note != nullptr && note->id == id, "{} was told that {} is durable as {}, which is {}",
                     from_.domain, id, seq, note == nullptr ? "nothing" : note->id);
    }
    for (const Note& note : notes_) {
      const std::optional<Author> author = AuthorOf(note.id);
      if (!author.has_value()) continue;
      findings_.Want(HasRow(author->way) || log.tried.contains(note.id), "{}: nobody has sent {}",
                     from_.domain, note.id);
      findings_.Want(!log.undone.contains(note.id), "{}: {} was undone, and is sent", from_.domain, note.id);
      findings_.Want(!log.failed_for_good.contains(note.id), "{}: {} has failed, and is sent", from_.domain,
                     note.id);
    }
    for (const std::string& code : log.failure_codes) {
      findings_.Want(failures.contains(code), "{}: a caller was told {}", from_.domain, code);
    }
    for (const std::string& error : log.errors) findings_.Want(false, "{}: {}", from_.domain, error);
    findings_.Want(log.delivered <= last_, "{} was told that {} are delivered, of which {} has {}",
                   from_.domain, log.delivered, to_.domain, last_);
  }

  // Each number once, in order: in the table or in the quarantine, as the note asked for.
  void CheckArrivals() {
    std::vector<int> in_table(notes_.size() + 1);
    std::vector<int> in_quarantine(notes_.size() + 1);
    std::uint64_t before = 0;
    for (const TableRow& row : applied_) {
      const Note* note = NoteAt(row.seq);
      findings_.Want(note != nullptr && note->id == row.id, "{} has applied {} as {}, which is {}",
                     to_.domain, row.id, row.seq, note == nullptr ? "nothing" : note->id);
      if (note != nullptr) ++in_table[row.seq];
      findings_.Want(row.seq > before, "{} has applied {} after {}", to_.domain, row.seq, before);
      before = row.seq;
    }
    before = 0;
    for (const QuarantinedUpdate& update : quarantined_) {
      const std::uint64_t seq = Value(update.seq);
      const bool is_known = NoteAt(seq) != nullptr;
      findings_.Want(is_known && json_hashes_[seq - 1] == std::hash<std::string_view>()(update.json),
                     "{} has another update {} in quarantine than was sent", to_.domain, seq);
      if (is_known) ++in_quarantine[seq];
      findings_.Want(seq > before, "{} has {} in quarantine after {}", to_.domain, seq, before);
      before = seq;
    }
    for (std::uint64_t seq = 1; seq <= notes_.size(); ++seq) {
      const Kind kind = notes_[seq - 1].kind;
      const bool is_refused = kind == Kind::kReject || kind == Kind::kThrow;
      const int table = is_refused || kind == Kind::kQuiet ? 0 : 1;
      const int quarantine = is_refused ? 1 : 0;
      findings_.Want(in_table[seq] == table && in_quarantine[seq] == quarantine,
                     "{} has {} ({}, {}) {} times applied and {} times in quarantine", to_.domain, seq,
                     notes_[seq - 1].id, NameOf(kind), in_table[seq], in_quarantine[seq]);
    }
    totals_.applied = applied_.size();
    totals_.quarantined = quarantined_.size();
  }

  // What a handler has sent commits with its note, or not at all.
  void CheckAnswers() {
    std::unordered_set<std::string> answers;
    for (const TableRow& row : answers_) {
      if (!AuthorOf(row.id).has_value()) answers.insert(row.id);
    }
    std::size_t wanted = 0;
    for (const TableRow& row : applied_) {
      const Note* note = NoteAt(row.seq);
      if (note == nullptr || note->kind != Kind::kAnswer) continue;
      ++wanted;
      findings_.Want(answers.contains(AnswerTo(row.id)), "{} has applied {} and not answered", to_.domain,
                     row.id);
    }
    findings_.Want(answers.size() == wanted, "{} has sent {} answers to {} notes", to_.domain, answers.size(),
                   wanted);
  }

  const Traces& from_;
  const Traces& to_;
  Findings& findings_;
  Totals& totals_;

  LinkNumbers numbers_;
  std::vector<Note> notes_;  // by their numbers, from 1 on
  std::vector<std::size_t> json_hashes_;
  std::unordered_map<std::string, std::uint64_t> seqs_;
  std::vector<TableRow> sent_;

  std::uint64_t last_ = 0;
  std::vector<TableRow> applied_;
  std::vector<QuarantinedUpdate> quarantined_;
  std::vector<TableRow> answers_;
};

// What a dead side has applied: all of 1 .. last, and nothing else.
void CheckInbox(const Traces& dead, const Traces& other, Database& database, const SideLog& log,
                Findings& findings) {
  const std::uint64_t last = LastOf(database, other.domain);
  std::vector<int> times(last + 1);
  const auto count = [&](const std::vector<TableRow>& rows) {
    for (const TableRow& row : rows) {
      findings.Want(row.seq <= last, "{} has applied {}, but its last is {}", dead.domain, row.seq, last);
      if (row.seq <= last) ++times[row.seq];
    }
  };
  count(Applied(database, other.domain));
  count(ReadTable(
      database, fmt::format("SELECT seq, '' FROM federation_quarantine WHERE origin = '{}'", other.domain)));
  for (std::uint64_t seq = 1; seq <= last; ++seq) {
    const bool is_quiet = times[seq] == 0 && log.quiet.contains(seq);
    findings.Want(is_quiet || times[seq] == 1, "{} has {} as its last, and {} {} times", dead.domain, last,
                  seq, times[seq]);
  }
  for (const std::uint64_t seq : log.applied) {
    findings.Want(seq <= last, "{} was told that {} is applied, but its last is {}", dead.domain, seq, last);
  }
}

void CheckSentOfDead(const Traces& dead, const Numbers& numbers, const std::vector<TableRow>& sent,
                     const SideLog& log, Findings& findings) {
  std::unordered_map<std::string, std::uint64_t> rows;
  for (const TableRow& row : sent) {
    rows.emplace(row.id, row.seq);
    findings.Want(row.seq <= numbers.assigned, "{} has a row of `sent` for {}, but has given out {}",
                  dead.domain, row.seq, numbers.assigned);
  }
  for (const auto& [id, seq] : log.acked) {
    findings.Want(seq <= numbers.assigned, "{} was told that {} is durable as {}, but has given out {}",
                  dead.domain, id, seq, numbers.assigned);
    const std::optional<Author> author = AuthorOf(id);
    if (!author.has_value() || !HasRow(author->way)) continue;
    const auto row = rows.find(id);
    findings.Want(row != rows.end() && row->second == seq, "{} was told that {} is durable, and has no row",
                  dead.domain, id);
  }
}

// First what is said, then what is so: numbers only grow.
void CheckToldSide(const Traces& side, std::uint64_t log_from, const Traces& other, Findings& findings) {
  const SideLog log = ReadSideLog(side.log_path, log_from);
  Database of_side = Database::OpenReadOnly(side.store_path);
  Database of_other = Database::OpenReadOnly(other.store_path);
  const Numbers numbers = NumbersOf(of_side, other.domain);
  const std::uint64_t last = LastOf(of_side, other.domain);
  const std::uint64_t theirs = LastOf(of_other, side.domain);
  for (const auto& [id, seq] : log.acked) {
    findings.Want(seq <= numbers.assigned, "{} was told that {} is durable as {}, but has given out {}",
                  side.domain, id, seq, numbers.assigned);
  }
  for (const std::uint64_t seq : log.applied) {
    findings.Want(seq <= last, "{} was told that {} is applied, but its last is {}", side.domain, seq, last);
  }
  findings.Want(numbers.acked <= theirs && log.delivered <= theirs,
                "{} takes {} for delivered, and said {}, but {} has {}", side.domain, numbers.acked,
                log.delivered, other.domain, theirs);
}

}  // namespace

Violations CheckTold(const Traces& a, std::uint64_t a_log_from, const Traces& b, std::uint64_t b_log_from) {
  Findings findings;
  CheckToldSide(a, a_log_from, b, findings);
  CheckToldSide(b, b_log_from, a, findings);
  return findings.Take();
}

Violations CheckDead(const Traces& dead, const Traces& other) {
  Findings findings;
  const SideLog log = ReadSideLog(dead.log_path);
  Database of_dead = Database::OpenReadOnly(dead.store_path);
  Database of_other = Database::OpenReadOnly(other.store_path);
  const Numbers numbers = NumbersOf(of_dead, other.domain);
  CheckInbox(dead, other, of_dead, log, findings);
  CheckSentOfDead(dead, numbers, Sent(of_dead, other.domain), log, findings);
  // Neither knows of more than the other one has; what the dead one has stands still.
  const std::uint64_t last = LastOf(of_dead, other.domain);
  const Numbers theirs = NumbersOf(of_other, dead.domain);
  const std::uint64_t their_last = LastOf(of_other, dead.domain);
  findings.Want(last <= theirs.assigned, "{} has {} of {}, which has given out {}", dead.domain, last,
                other.domain, theirs.assigned);
  findings.Want(their_last <= numbers.assigned, "{} has {} of {}, which has given out {}", other.domain,
                their_last, dead.domain, numbers.assigned);
  findings.Want(theirs.acked <= last, "{} takes {} for delivered to {}, which has {}", other.domain,
                theirs.acked, dead.domain, last);
  findings.Want(numbers.acked <= their_last && log.delivered <= their_last,
                "{} takes {} for delivered, and said {}, but {} has {}", dead.domain, numbers.acked,
                log.delivered, other.domain, their_last);
  return findings.Take();
}

Violations CheckEnd(const Traces& a, const Traces& b, const std::set<std::string>& failures, Totals* a_to_b,
                    Totals* b_to_a) {
  Findings findings;
  const SideLog a_log = ReadSideLog(a.log_path);
  const SideLog b_log = ReadSideLog(b.log_path);
  Direction(a, b, findings, *a_to_b).Check(a_log, b_log, failures);
  Direction(b, a, findings, *b_to_a).Check(b_log, a_log, failures);
  return findings.Take();
}

bool IsDrained(const Traces& a, const Traces& b) {
  Database of_a = Database::OpenReadOnly(a.store_path);
  Database of_b = Database::OpenReadOnly(b.store_path);
  // In this order nothing can be missed: an answer commits together with what it answers to.
  const std::uint64_t last_at_b = LastOf(of_b, a.domain);
  const Numbers from_b = NumbersOf(of_b, a.domain);
  const std::uint64_t last_at_a = LastOf(of_a, b.domain);
  const Numbers from_a = NumbersOf(of_a, b.domain);
  return from_a.assigned == last_at_b && from_b.assigned == last_at_a && from_a.acked == from_a.assigned &&
         from_b.acked == from_b.assigned;
}

}  // namespace federation::process
