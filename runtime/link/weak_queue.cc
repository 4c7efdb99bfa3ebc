#include "link/weak_queue.h"

#include <utility>

namespace federation::link {

void WeakQueue::Add(std::string json, Time now) {
  if (waiting_.size() >= limits_.weak_updates_max) waiting_.pop_front();
  waiting_.push_back({std::move(json), now});
}

std::vector<std::string> WeakQueue::Take(Time now, std::size_t bytes_max) {
  std::vector<std::string> taken;
  std::size_t bytes = 0;
  while (!waiting_.empty()) {
    Waiting& oldest = waiting_.front();
    if (now - oldest.since <= limits_.weak_age_max) {
      if (!taken.empty() && bytes + oldest.json.size() > bytes_max) break;
      bytes += oldest.json.size();
      taken.push_back(std::move(oldest.json));
    }
    waiting_.pop_front();
  }
  return taken;
}

}  // namespace federation::link
