#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "federation/store.h"

#include "store/sqlite/inside.h"
#include "store/sqlite/reader.h"
#include "store/sqlite/session.h"
#include "store/sqlite/writer.h"

namespace federation::sqlite {

// A transaction on a connection of the embedder. What is appended is written at once, as nobody says when the
// commit comes; each call is done or undone as a whole.
class JoinedTransaction final : public Transaction, public HasConnection {
 public:
  // Borrows its arguments. `store` is what Inside knows it by.
  JoinedTransaction(const void* store, sqlite3* connection, Shared& shared, Writer& writer, Reader& reader)
      : inside_(store), shared_(shared), writer_(writer), reader_(reader), session_(connection, shared) {}
  ~JoinedTransaction() override;

  absl::StatusOr<Seq> Append(std::string_view destination, std::string_view json) override;
  absl::StatusOr<std::vector<Seq>> AppendToAll(std::span<const std::string> destinations,
                                               std::string_view json) override;
  absl::StatusOr<LinkNumbers> Renumber(std::string_view destination, Seq boundary, Seq theirs) override;
  absl::Status Remove(std::string_view destination, Seq first, Seq last) override;
  absl::StatusOr<Pruned> Prune(std::string_view destination, const Retention& retention,
                               std::size_t count_max) override;
  absl::Status SetPaused(std::string_view destination, bool paused) override;
  absl::StatusOr<Seq> Last(std::string_view origin) override { return session_.Last(origin); }
  absl::Status SetLast(std::string_view origin, Seq last) override;
  absl::Status Quarantine(const QuarantinedUpdate& update) override;
  absl::Status SetReason(std::string_view origin, std::int64_t id, std::string_view reason) override;
  absl::Status Unquarantine(std::string_view origin, std::int64_t id) override;
  absl::StatusOr<sqlite3*> Connection() override { return session_.Connection(); }

 private:
  // Does it as a step.
  template <typename Do>
  auto InStep(const Do& work) -> decltype(work());
  // Saves how much this connection has added to what waits, for the store to count.
  absl::Status CountGrown();

  const Inside inside_;
  Shared& shared_;
  Writer& writer_;
  Reader& reader_;
  Session session_;
  Statement count_{session_.connection(), "UPDATE federation_joined SET bytes = bytes + ?1"};
  std::int64_t counted_ = 0;
};

}  // namespace federation::sqlite
