#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "federation/seq.h"
#include "federation/update_run.h"

#include "delivery/byte_budget.h"

namespace federation::delivery {

// Updates of one link that have just been stored, kept at hand so that they need not be read back to be sent.
// Whatever is not here is in the store. Bounded for the link and by the budget of all. To be used on the loop
// only.
class ReadyRuns {
 public:
  ReadyRuns(ByteBudget& budget, std::size_t bytes_max) : budget_(budget), bytes_max_(bytes_max) {}
  ~ReadyRuns() { Clear(); }
  ReadyRuns(const ReadyRuns&) = delete;
  ReadyRuns& operator=(const ReadyRuns&) = delete;

  // Keeps `run` if it follows what is kept, or nothing is.
  void Add(std::shared_ptr<const UpdateRun> run);
  void Clear();

  // The updates from `first` on, as many as fit, but at least one; empty if that one is not here. What comes
  // before `first` is forgotten.
  struct Taken {
    std::vector<std::shared_ptr<const UpdateRun>> runs;
    std::size_t updates = 0;
  };
  Taken Take(Seq first, std::size_t count_max, std::size_t bytes_max);

 private:
  void DropFront();

  ByteBudget& budget_;
  const std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::deque<std::shared_ptr<const UpdateRun>> runs_;
};

}  // namespace federation::delivery
