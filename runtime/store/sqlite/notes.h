#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "federation/store.h"

namespace federation::sqlite {

// What links have noted and no commit has taken along yet. Thread-safe.
class Notes {
 public:
  struct Note {
    std::optional<Seq> acked;
    std::optional<BackOff> backoff;
  };
  using All = std::map<std::string, Note, std::less<>>;

  // Both return whether nothing was noted before.
  bool NoteAcked(std::string_view destination, Seq acked);
  bool NoteBackOff(std::string_view destination, const BackOff& backoff);

  bool empty() const;
  // What is noted as acknowledged, for who cannot wait for the commit.
  std::optional<Seq> Acked(std::string_view destination) const;
  All Take();
  // After a failed commit; what was noted meanwhile is newer.
  void PutBack(const All& notes);

 private:
  Note& Of(std::string_view destination);

  mutable std::mutex mutex_;
  All notes_;
};

}  // namespace federation::sqlite
