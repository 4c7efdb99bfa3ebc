#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace federation::process {

// What the receiver of a note is to do with it.
enum class Kind {
  kPlain,   // keep it
  kAnswer,  // keep it, and send an answer as part of the same transaction
  kLater,   // ask to be called later, once, and keep it then
  kReject,  // write, and refuse it all the same
  kThrow,   // write and send, and throw
  kQuiet,   // write nothing: only its number commits
};

// How a note is sent, and so who vouches for it.
enum class Way {
  kTransact,  // in Store::Transact, together with a row of `sent`
  kJoined,    // in a transaction on a connection of the embedder's own, together with a row of `sent`
  kBlocking,  // alone; the log tells what was tried, and what the caller was told
  kAsync,     // the same without waiting
  kHandler,   // in a handler's transaction, together with a row of `sent`
};

// The update that the processes send to each other.
struct Note {
  // Unlike that of any other note: LIFE.THREAD.COUNT.WAY where a sender made it, re:ID where a handler did.
  std::string id;
  Kind kind = Kind::kPlain;
  std::string padding;
};

// Who made a note, as its id tells.
struct Author {
  std::uint64_t life = 0;  // of the process, counted from 1
  std::uint64_t thread = 0;
  std::uint64_t count = 0;  // rising for each life and thread
  Way way = Way::kHandler;
};

std::string IdOf(const Author& author);
// None for a handler's.
std::optional<Author> AuthorOf(std::string_view id);
// The id of the answer to a note.
std::string AnswerTo(std::string_view id);

std::string_view NameOf(Kind kind);

std::string ToJson(const Note& note);
// None if it is not what ToJson makes.
std::optional<Note> ParseNote(std::string_view json);

// Whether a row of `sent` commits with it; otherwise the log vouches for it.
inline bool HasRow(Way way) { return way != Way::kBlocking && way != Way::kAsync; }

}  // namespace federation::process
