#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "federation/limits.h"

namespace federation::link {

// Weak updates that wait for a link, the oldest first. Bounded in number, bytes and age: what does not fit is
// forgotten, the oldest first. Not thread-safe.
class WeakQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit WeakQueue(const OutboxLimits& limits) : limits_(limits) {}

  // Takes the place of the update with the same key, if one waits; an empty key is none.
  //
  // The newer one goes to the end and not to where the older one stood: it is as fresh as its neighbours
  // there, and comes behind what was sent in between. So who is told online, offline, online under two keys
  // ends with online.
  void Add(std::string json, std::string replace_key, Time now);
  // Removes and returns what is not too old, as much as fits.
  std::vector<std::string> Take(Time now, std::size_t bytes_max);
  // Forgets what is too old.
  void DropOld(Time now);
  // When the oldest one that waits is too old; not of an empty queue.
  Time oldest_end() const { return waiting_.front().since + limits_.weak_age_max; }
  bool empty() const { return waiting_.empty(); }
  // How many were forgotten, or gave way to a newer one.
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Waiting {
    std::string json;
    std::string replace_key;
    Time since;

    std::size_t bytes() const { return json.size() + replace_key.size(); }
  };
  using Place = std::list<Waiting>::iterator;

  void Remove(Place place);
  void Drop(Place place);

  OutboxLimits limits_;
  std::list<Waiting> waiting_;
  std::unordered_map<std::string, Place> by_key_;
  std::size_t bytes_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace federation::link
