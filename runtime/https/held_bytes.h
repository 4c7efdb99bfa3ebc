#pragma once

#include <cstddef>
#include <utility>

#include "federation/limits.h"

namespace federation::https {

// The memory that the connections of a server hold because somebody is slow: bodies that are still coming,
// and answers that are still going out (HttpLimits::held_bytes_max). Counts only. Not thread-safe.
class HeldBytes {
 public:
  // What has at most these sizes is not counted: what most peers send and get costs nothing here, and is
  // taken and answered however full it is. A connection has one such body, and few such answers.
  static constexpr std::size_t kSmallBodyBytes = std::size_t{16} * 1024;
  static constexpr std::size_t kSmallAnswerBytes = 1024;

  explicit HeldBytes(const HttpLimits& limits)
      : peer_max_(limits.held_bytes_per_peer_max), all_max_(limits.held_bytes_max) {}
  HeldBytes(const HeldBytes&) = delete;
  HeldBytes& operator=(const HeldBytes&) = delete;

  std::size_t bytes() const { return bytes_; }

 private:
  friend class PeerHeldBytes;

  const std::size_t peer_max_;
  const std::size_t all_max_;
  std::size_t bytes_ = 0;
};

// What one peer has of it. Not thread-safe.
class PeerHeldBytes {
 public:
  // Borrows `all`.
  explicit PeerHeldBytes(HeldBytes& all) : all_(all) {}
  PeerHeldBytes(const PeerHeldBytes&) = delete;
  PeerHeldBytes& operator=(const PeerHeldBytes&) = delete;

  // Bytes that are counted as long as this lives. Borrows whose they are.
  class Part {
   public:
    Part() = default;
    Part(Part&& other) noexcept
        : peer_(std::exchange(other.peer_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
    Part& operator=(Part&& other) noexcept {
      std::swap(peer_, other.peer_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~Part() {
      if (peer_ != nullptr) peer_->Add(std::size_t{0} - bytes_);
    }

    // Whether there was room.
    explicit operator bool() const { return peer_ != nullptr; }

   private:
    friend class PeerHeldBytes;
    Part(PeerHeldBytes& peer, std::size_t bytes) : peer_(&peer), bytes_(bytes) {}

    PeerHeldBytes* peer_ = nullptr;
    std::size_t bytes_ = 0;
  };

  // False if there is no room.
  Part Take(std::size_t bytes) {
    if (!HasRoom(bytes)) return {};
    Add(bytes);
    return {*this, bytes};
  }

  std::size_t bytes() const { return bytes_; }

 private:
  bool HasRoom(std::size_t bytes) const {
    if (all_.bytes_ == 0) return true;
    // Who holds much leaves the second half to those who hold nothing.
    if (bytes_ == 0) return all_.bytes_ + bytes <= all_.all_max_;
    return bytes_ + bytes <= all_.peer_max_ && all_.bytes_ + bytes <= all_.all_max_ / 2;
  }
  // Modulo 2^n: also what is given back.
  void Add(std::size_t bytes) {
    bytes_ += bytes;
    all_.bytes_ += bytes;
  }

  HeldBytes& all_;
  std::size_t bytes_ = 0;
};

}  // namespace federation::https
