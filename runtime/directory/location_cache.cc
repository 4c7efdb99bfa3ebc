#include "directory/location_cache.h"

#include <algorithm>
#include <utility>

namespace federation::directory {

const Location* LocationCache::Find(const std::string& domain, Clock::time_point now) {
  const auto found = by_domain_.find(domain);
  if (found == by_domain_.end()) return nullptr;
  if (found->second->expires <= now) {
    Erase(domain);
    return nullptr;
  }
  locations_.splice(locations_.begin(), locations_, found->second);
  return &locations_.front();
}

void LocationCache::Put(Location location, Clock::time_point now) {
  Erase(location.domain);
  if (location.expires <= now || domains_max_ == 0) return;
  if (locations_.size() == domains_max_) Erase(std::string(locations_.back().domain));
  locations_.push_front(std::move(location));
  by_domain_[locations_.front().domain] = locations_.begin();
}

void LocationCache::Shorten(const std::string& domain, Clock::time_point expires) {
  const auto found = by_domain_.find(domain);
  if (found != by_domain_.end()) found->second->expires = std::min(found->second->expires, expires);
}

void LocationCache::Erase(const std::string& domain) {
  const auto found = by_domain_.find(domain);
  if (found == by_domain_.end()) return;
  locations_.erase(found->second);
  by_domain_.erase(found);
}

}  // namespace federation::directory
