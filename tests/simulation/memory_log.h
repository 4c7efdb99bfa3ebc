#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "federation/seq.h"

namespace federation::simulation {

// The updates of one link in the order of their numbers. A copy shares the updates, so it costs little.
class MemoryLog {
 public:
  struct Entry {
    Seq seq{0};
    std::shared_ptr<const std::string> json;
    std::chrono::system_clock::time_point since;
    // The bytes of all up to and with this one, of removed ones too if they stood before all others.
    std::uint64_t through = 0;
  };

  bool empty() const { return chunks_.empty(); }
  std::uint64_t bytes() const { return bytes_; }
  const Entry& front() const { return chunks_.front()->front(); }

  void Add(Seq seq, std::shared_ptr<const std::string> json, std::chrono::system_clock::time_point since) {
    bytes_ += json->size();
    Place({seq, std::move(json), since, bytes_});
  }

  // The first entry whose number is `seq` or higher.
  struct Position {
    std::size_t chunk = 0;
    std::size_t index = 0;
  };
  Position Find(Seq seq) const {
    const auto chunk = std::partition_point(
        chunks_.begin(), chunks_.end(), [&](const auto& candidate) { return candidate->back().seq < seq; });
    Position position{static_cast<std::size_t>(chunk - chunks_.begin()), 0};
    if (chunk == chunks_.end()) return position;
    const auto entry = std::partition_point((*chunk)->begin(), (*chunk)->end(),
                                            [&](const Entry& candidate) { return candidate.seq < seq; });
    position.index = static_cast<std::size_t>(entry - (*chunk)->begin());
    return position;
  }
  // Null at the end.
  const Entry* At(Position position) const {
    return position.chunk < chunks_.size() ? &(*chunks_[position.chunk])[position.index] : nullptr;
  }
  void Advance(Position* position) const {
    if (++position->index < chunks_[position->chunk]->size()) return;
    ++position->chunk;
    position->index = 0;
  }

  // The bytes of the entries after `seq`.
  std::uint64_t BytesAfter(Seq seq) const {
    const Position position = Find(Next(seq));
    const Entry* entry = At(position);
    return entry == nullptr ? 0 : bytes_ - entry->through + entry->json->size();
  }

  // Removes first .. last and tells `removed` of each.
  template <typename Removed>
  void Remove(Seq first, Seq last, Removed removed) {
    MemoryLog kept;
    std::uint64_t gap = 0;  // bytes that are gone from behind what is kept
    for (const auto& chunk : chunks_) {
      if (gap == 0 && (chunk->back().seq < first || chunk->front().seq > last)) {
        kept.chunks_.push_back(chunk);
        continue;
      }
      auto rest = std::make_shared<Chunk>();
      for (const Entry& entry : *chunk) {
        if (entry.seq >= first && entry.seq <= last) {
          removed(entry);
          if (!kept.chunks_.empty() || !rest->empty()) gap += entry.json->size();
        } else {
          rest->push_back(entry);
          rest->back().through -= gap;
        }
      }
      if (!rest->empty()) kept.chunks_.push_back(std::move(rest));
    }
    kept.bytes_ = bytes_ - gap;
    *this = std::move(kept);
  }

 private:
  using Chunk = std::vector<Entry>;
  static constexpr std::size_t kChunkSize = 32;

  void Place(Entry entry) {
    if (chunks_.empty() || chunks_.back()->size() >= kChunkSize) {
      auto chunk = std::make_shared<Chunk>();
      chunk->reserve(kChunkSize);
      chunks_.push_back(std::move(chunk));
    } else if (chunks_.back().use_count() > 1) {
      auto chunk = std::make_shared<Chunk>();
      chunk->reserve(kChunkSize);
      *chunk = *chunks_.back();
      chunks_.back() = std::move(chunk);
    }
    chunks_.back()->push_back(std::move(entry));
  }

  std::vector<std::shared_ptr<Chunk>> chunks_;
  std::uint64_t bytes_ = 0;
};

}  // namespace federation::simulation
