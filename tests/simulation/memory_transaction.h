#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulation/memory_store.h"

namespace federation::simulation {

// Changes copies of what it touches; a commit puts them in the place of what was there.
class MemoryTransaction : public LazyTransaction {
 public:
  explicit MemoryTransaction(MemoryStore& store);
  ~MemoryTransaction() override;

  absl::StatusOr<Seq> Append(std::string_view destination, std::string_view json) override;
  absl::StatusOr<std::vector<Seq>> AppendToAll(std::span<const std::string> destinations,
                                               std::string_view json) override;
  absl::StatusOr<LinkNumbers> Renumber(std::string_view destination, Seq boundary, Seq theirs) override;
  absl::Status Remove(std::string_view destination, Seq first, Seq last) override;
  absl::StatusOr<Pruned> Prune(std::string_view destination, const Retention& retention,
                               std::size_t count_max) override;
  absl::Status SetPaused(std::string_view destination, bool paused) override;
  absl::StatusOr<Seq> Last(std::string_view origin) override;
  absl::Status SetLast(std::string_view origin, Seq last) override;
  absl::Status Quarantine(const QuarantinedUpdate& update) override;
  absl::Status SetReason(std::string_view origin, std::int64_t id, std::string_view reason) override;
  absl::Status Unquarantine(std::string_view origin, std::int64_t id) override;

  absl::Status Checkpoint() override;
  absl::Status Undo() override;
  absl::Status Commit() override;

  absl::Status AddRow(std::string_view peer, Row row);
  // Commits the steps up to the last Checkpoint for somebody else who needs the writer.
  void PublishParked();
  // All steps so far are complete; unlike Checkpoint it lets nobody else in.
  void Seal();

 private:
  // A copy of one entry of the state, as it is at the last checkpoint and as it is now.
  template <typename Value>
  struct Version {
    std::string key;
    std::shared_ptr<const Value> sealed;
    std::shared_ptr<Value> working;
  };
  template <typename Value>
  using Versions = std::vector<Version<Value>>;

  // Takes the writer's place; fails if the disk does.
  absl::Status Use();
  absl::Status Broken() const;
  template <typename Value>
  Value& Touch(Versions<Value>& versions, const MemoryState::Map<Value>& committed, std::string_view key);
  template <typename Value>
  const Value* Look(const Versions<Value>& versions, const MemoryState::Map<Value>& committed,
                    std::string_view key) const;
  MemoryLink& TouchLink(std::string_view destination);
  MemoryOrigin& TouchOrigin(std::string_view origin);
  MemoryChange& Note(MemoryChange::Kind kind, std::string_view peer, Seq seq);
  absl::Status CheckRoom(const MemoryLink& link, std::string_view destination, std::size_t bytes) const;
  Seq Put(std::string_view destination, const std::shared_ptr<const std::string>& json);
  void Take(MemoryLink& link, std::string_view destination, Seq first, Seq last, Pruned* pruned);
  absl::Status Publish();
  void Tell(const std::vector<MemoryChange>& changes);
  void Acquire();
  void Release();
  void Break();
  bool HasSealed() const;
  void PutLast(std::string_view origin, Seq last);
  std::uint64_t WaitingBytesOfOthers(std::string_view destination) const;

  MemoryStore& store_;
  bool holds_writer_ = false;
  bool broken_ = false;
  bool ended_ = false;
  Versions<MemoryLink> links_;
  Versions<MemoryOrigin> origins_;
  std::vector<MemoryChange> changes_;
  std::size_t changes_sealed_ = 0;
  // Set while the writer was somebody else's.
  std::map<std::string, Seq, std::less<>> lasts_;
};

}  // namespace federation::simulation
