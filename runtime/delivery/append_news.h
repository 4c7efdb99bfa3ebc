#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "federation/seq.h"
#include "federation/update_run.h"

namespace federation::delivery {

// What was appended and the loop does not know of yet: the loop is woken once for many links and commits.
// Thread-safe.
class AppendNews {
 public:
  // As Store::Appended.
  struct Item {
    std::string destination;
    Seq assigned{0};
    std::shared_ptr<const UpdateRun> run;
  };

  // Returns whether nothing was there before: somebody has to be sent for it.
  bool Add(Item item) {
    const std::lock_guard guard(mutex_);
    items_.push_back(std::move(item));
    return items_.size() == 1;
  }

  // All of it, in the order of Add.
  std::vector<Item> Take() {
    const std::lock_guard guard(mutex_);
    return std::exchange(items_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<Item> items_;
};

}  // namespace federation::delivery
