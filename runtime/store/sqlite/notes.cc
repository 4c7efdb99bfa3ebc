#include "store/sqlite/notes.h"

#include <utility>

namespace federation::sqlite {

Notes::Note& Notes::Of(std::string_view destination) {
  const auto found = notes_.find(destination);
  return found != notes_.end() ? found->second : notes_[std::string(destination)];
}

bool Notes::NoteAcked(std::string_view destination, Seq acked) {
  const std::lock_guard guard(mutex_);
  const bool first = notes_.empty();
  Of(destination).acked = acked;
  return first;
}

bool Notes::NoteBackOff(std::string_view destination, const BackOff& backoff) {
  const std::lock_guard guard(mutex_);
  const bool first = notes_.empty();
  Of(destination).backoff = backoff;
  return first;
}

bool Notes::empty() const {
  const std::lock_guard guard(mutex_);
  return notes_.empty();
}

std::optional<Seq> Notes::Acked(std::string_view destination) const {
  const std::lock_guard guard(mutex_);
  const auto found = notes_.find(destination);
  return found == notes_.end() ? std::nullopt : found->second.acked;
}

Notes::All Notes::Take() {
  const std::lock_guard guard(mutex_);
  return std::exchange(notes_, {});
}

void Notes::PutBack(const All& notes) {
  const std::lock_guard guard(mutex_);
  for (const auto& [destination, old] : notes) {
    Note& note = notes_[destination];
    if (!note.acked.has_value()) note.acked = old.acked;
    if (!note.backoff.has_value()) note.backoff = old.backoff;
  }
}

}  // namespace federation::sqlite
