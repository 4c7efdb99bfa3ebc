#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "federation/seq.h"

namespace federation {

// Strong updates of one link that follow each other, as one piece of bytes: their JSON with commas in
// between, which is how a push carries them. So what is stored is what is sent, and sending is a copy. Not
// thread-safe.
class UpdateRun {
 public:
  UpdateRun() = default;
  // An empty run; the first update that is added gets the number `first`.
  explicit UpdateRun(Seq first) : first_(first) {}
  // What json() and ends() of another run said.
  UpdateRun(Seq first, std::string json, std::vector<std::uint32_t> ends)
      : first_(first), json_(std::move(json)), ends_(std::move(ends)) {}

  void Add(std::string_view json) {
    if (!ends_.empty()) json_ += ',';
    json_ += json;
    ends_.push_back(static_cast<std::uint32_t>(json_.size()));
  }

  bool empty() const { return ends_.empty(); }
  std::size_t size() const { return ends_.size(); }
  // The number of the first update, and of the last one. Of an empty run `last` is the one before `first`.
  Seq first() const { return first_; }
  Seq last() const { return Seq{Value(first_) + ends_.size() - 1}; }
  // One update, counted from 0.
  std::string_view operator[](std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1] + std::size_t{1};
    return std::string_view(json_).substr(begin, ends_[index] - begin);
  }

  // All of them, with commas in between.
  const std::string& json() const { return json_; }
  // Where in json() each one ends.
  const std::vector<std::uint32_t>& ends() const { return ends_; }

  // The updates from the one with index `from` on, at most `count_max` of them and as many as fit into
  // `bytes_max`, but at least one if there is one.
  UpdateRun Slice(std::size_t from, std::size_t count_max, std::size_t bytes_max) const {
    UpdateRun slice(Seq{Value(first_) + from});
    if (from >= size()) return slice;
    const std::size_t begin = from == 0 ? 0 : ends_[from - 1] + std::size_t{1};
    std::size_t end = from;
    while (end < size() && end - from < count_max && (end == from || ends_[end] - begin <= bytes_max)) ++end;
    slice.json_ = json_.substr(begin, ends_[end - 1] - begin);
    slice.ends_.reserve(end - from);
    for (std::size_t i = from; i < end; ++i) {
      slice.ends_.push_back(static_cast<std::uint32_t>(ends_[i] - begin));
    }
    return slice;
  }

  friend bool operator==(const UpdateRun&, const UpdateRun&) = default;

 private:
  Seq first_{1};
  std::string json_;
  std::vector<std::uint32_t> ends_;
};

}  // namespace federation
