#include "link/weak_queue.h"

#include <iterator>
#include <utility>

namespace federation::link {

void WeakQueue::Add(std::string json, std::string replace_key, Time now) {
  const auto older = by_key_.find(replace_key);
  if (older != by_key_.end()) Drop(older->second);
  waiting_.push_back({std::move(json), std::move(replace_key), now});
  const Place added = std::prev(waiting_.end());
  bytes_ += added->bytes();
  if (!added->replace_key.empty()) by_key_[added->replace_key] = added;
  DropOld(now);
  while (waiting_.size() > limits_.weak_updates_max || bytes_ > limits_.weak_bytes_max) {
    Drop(waiting_.begin());
    if (waiting_.empty()) break;
  }
}

void WeakQueue::DropOld(Time now) {
  while (!waiting_.empty() && now > oldest_end()) Drop(waiting_.begin());
}

std::vector<std::string> WeakQueue::Take(Time now, std::size_t bytes_max) {
  DropOld(now);
  std::vector<std::string> taken;
  std::size_t bytes = 0;
  while (!waiting_.empty()) {
    Waiting& oldest = waiting_.front();
    if (!taken.empty() && bytes + oldest.json.size() > bytes_max) break;
    bytes += oldest.json.size();
    taken.push_back(oldest.json);
    Remove(waiting_.begin());
  }
  return taken;
}

void WeakQueue::Drop(Place place) {
  ++dropped_;
  Remove(place);
}

void WeakQueue::Remove(Place place) {
  bytes_ -= place->bytes();
  if (!place->replace_key.empty()) by_key_.erase(place->replace_key);
  waiting_.erase(place);
}

}  // namespace federation::link
