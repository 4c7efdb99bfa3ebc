#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

namespace federation::simulation {

// Things that wait, in the order in which they came, and their bytes.
class ByteQueue {
 public:
  // `id` is higher than that of what came before.
  void Add(std::uint64_t id, std::size_t bytes) {
    waiting_.emplace_hint(waiting_.end(), id, bytes);
    bytes_ += bytes;
  }
  void Remove(std::uint64_t id) {
    const auto gone = waiting_.find(id);
    if (gone == waiting_.end()) return;
    bytes_ -= gone->second;
    waiting_.erase(gone);
  }
  void Clear() {
    waiting_.clear();
    bytes_ = 0;
  }

  std::size_t size() const { return waiting_.size(); }
  std::size_t bytes() const { return bytes_; }
  // Whether it keeps to a bound, which lets one thing in where nothing waits, however large that is.
  bool Fits(std::size_t bytes_max) const { return waiting_.size() <= 1 || bytes_ <= bytes_max; }
  // The bytes of all but the first one.
  std::size_t bytes_behind_first() const { return waiting_.empty() ? 0 : bytes_ - waiting_.begin()->second; }

 private:
  std::map<std::uint64_t, std::size_t> waiting_;
  std::size_t bytes_ = 0;
};

}  // namespace federation::simulation
