#include "delivery/ready_runs.h"

#include <algorithm>
#include <utility>

namespace federation::delivery {

void ReadyRuns::Add(std::shared_ptr<const UpdateRun> run) {
  const std::size_t bytes = run->json().size();
  if (run->empty() || bytes_ + bytes > bytes_max_ || budget_.bytes + bytes > budget_.bytes_max) return;
  if (!runs_.empty() && run->first() != Next(runs_.back()->last())) return;
  bytes_ += bytes;
  budget_.bytes += bytes;
  runs_.push_back(std::move(run));
}

void ReadyRuns::Clear() {
  while (!runs_.empty()) DropFront();
}

void ReadyRuns::DropFront() {
  const std::size_t bytes = runs_.front()->json().size();
  bytes_ -= bytes;
  budget_.bytes -= bytes;
  runs_.pop_front();
}

ReadyRuns::Taken ReadyRuns::Take(Seq first, std::size_t count_max, std::size_t bytes_max) {
  while (!runs_.empty() && runs_.front()->last() < first) DropFront();
  Taken taken;
  std::size_t bytes = 0;
  while (!runs_.empty() && runs_.front()->first() <= first && taken.updates < count_max) {
    const std::shared_ptr<const UpdateRun> run = runs_.front();
    const std::size_t skip = Value(first) - Value(run->first());
    const std::size_t comma = taken.runs.empty() ? 0 : 1;
    // A slice has one update at least, and that may be more than there is room for.
    if (!taken.runs.empty() && bytes + comma + (*run)[skip].size() > bytes_max) break;
    const std::size_t room = bytes_max - std::min(bytes_max, bytes + comma);
    const bool whole = skip == 0 && run->size() <= count_max - taken.updates && run->json().size() <= room;
    const auto part =
        whole ? run : std::make_shared<const UpdateRun>(run->Slice(skip, count_max - taken.updates, room));
    bytes += comma + part->json().size();
    taken.updates += part->size();
    taken.runs.push_back(part);
    first = Next(part->last());
    if (part->last() != run->last()) break;
    DropFront();
  }
  return taken;
}

}  // namespace federation::delivery
