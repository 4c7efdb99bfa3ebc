#include "process/note_receiver.h"

#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>

#include <fmt/core.h>

#include "federation/sqlite_store.h"

#include "process/database.h"

namespace federation::process {

Outcome NoteReceiver::Receive(std::string_view json, const UpdateContext& context) {
  const std::optional<Note> note = ParseNote(json);
  if (!note.has_value()) {
    log_.Write(fmt::format("error no note came from {}: {}", context.origin, json));
    return Outcome::Reject("no note");
  }
  const absl::Status status = Write(*note, context);
  if (!status.ok()) {
    if (!absl::IsUnavailable(status)) log_.Write("error the handler: " + status.ToString());
    return Outcome::Later(std::chrono::seconds{1});
  }
  switch (note->kind) {
    case Kind::kReject:
      return Outcome::Reject("as it asked for");
    case Kind::kThrow:
      throw std::runtime_error("as it asked for");
    case Kind::kLater:
      return IsFirstTime(note->id) ? Outcome::Later(std::chrono::seconds{1}) : Outcome::Done();
    case Kind::kQuiet:
      log_.Write(fmt::format("quiet {} {}", context.origin, Value(context.seq)));
      return Outcome::Done();
    default:
      return Outcome::Done();
  }
}

absl::Status NoteReceiver::Write(const Note& note, const UpdateContext& context) {
  if (note.kind == Kind::kQuiet) return absl::OkStatus();
  absl::Status status = Keep(note, context);
  if (status.ok() && (note.kind == Kind::kAnswer || note.kind == Kind::kThrow)) {
    status = Answer(note, context);
  }
  return status;
}

absl::Status NoteReceiver::Keep(const Note& note, const UpdateContext& context) {
  const absl::StatusOr<sqlite3*> connection = SqliteConnection(*context.transaction);
  if (!connection.ok()) return connection.status();
  return InsertApplied(*connection, context.origin, Value(context.seq), note.id);
}

absl::Status NoteReceiver::Answer(const Note& note, const UpdateContext& context) {
  const Note answer{AnswerTo(note.id), Kind::kPlain, ""};
  const absl::StatusOr<Seq> seq = node_->SendStrong(*context.transaction, context.origin, ToJson(answer));
  if (!seq.ok()) return seq.status();
  const absl::StatusOr<sqlite3*> connection = SqliteConnection(*context.transaction);
  if (!connection.ok()) return connection.status();
  return InsertSent(*connection, context.origin, Value(*seq), answer.id);
}

bool NoteReceiver::IsFirstTime(const std::string& id) {
  const int file = ::open((folder_ + "/later." + id).c_str(), O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return false;
  ::close(file);
  log_.Write("later " + id);
  return true;
}

}  // namespace federation::process
