#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace federation::sqlite {

// Who sends on which link. In memory: the file belongs to one process. Thread-safe; as in Store.
class Leases {
 public:
  bool Lease(std::string_view destination, std::string_view owner, std::chrono::milliseconds duration) {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard guard(mutex_);
    const auto found = leases_.find(destination);
    if (found == leases_.end()) {
      leases_.emplace(destination, Held{std::string(owner), now + duration});
      return true;
    }
    if (found->second.owner != owner && found->second.until > now) return false;
    found->second = {std::string(owner), now + duration};
    return true;
  }

  void EndLease(std::string_view destination, std::string_view owner) {
    const std::lock_guard guard(mutex_);
    const auto found = leases_.find(destination);
    if (found != leases_.end() && found->second.owner == owner) leases_.erase(found);
  }

 private:
  struct Held {
    std::string owner;
    std::chrono::steady_clock::time_point until;
  };
  std::mutex mutex_;
  std::map<std::string, Held, std::less<>> leases_;
};

}  // namespace federation::sqlite
