#include "link/weak_queue.h"

#include <utility>

namespace federation::link {

void WeakQueue::Add(std::string json, Time now) {
  bytes_ += json.size();
  waiting_.push_back({std::move(json), now});
  while (waiting_.size() > limits_.weak_updates_max || bytes_ > limits_.weak_bytes_max ||
         now - waiting_.front().since > limits_.weak_age_max) {
    DropOldest();
    if (waiting_.empty()) break;
  }
}

std::vector<std::string> WeakQueue::Take(Time now, std::size_t bytes_max) {
  std::vector<std::string> taken;
  std::size_t bytes = 0;
  while (!waiting_.empty()) {
    Waiting& oldest = waiting_.front();
    if (now - oldest.since <= limits_.weak_age_max) {
      if (!taken.empty() && bytes + oldest.json.size() > bytes_max) break;
      bytes += oldest.json.size();
      taken.push_back(oldest.json);
    }
    DropOldest();
  }
  return taken;
}

void WeakQueue::DropOldest() {
  bytes_ -= waiting_.front().json.size();
  waiting_.pop_front();
}

}  // namespace federation::link
