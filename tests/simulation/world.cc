#include "simulation/world.h"

#include <utility>

namespace federation::simulation {

World::Token World::After(Micros delay, Life life, Task task) {
  std::uint32_t index = 0;
  if (free_.empty()) {
    index = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Slot& slot = slots_[index];
  slot.task = std::move(task);
  slot.life = life;
  slot.used = true;
  const Token token{index, slot.generation};
  queue_.push({(now() + std::max(delay, Micros{0})).count(), sequence_++, token});
  return token;
}

void World::Free(std::uint32_t slot) {
  ++slots_[slot].generation;
  slots_[slot].used = false;
  free_.push_back(slot);
}

void World::Cancel(Token token) {
  if (token.slot >= slots_.size()) return;
  Slot& slot = slots_[token.slot];
  if (!slot.used || slot.generation != token.generation) return;
  // Destroyed last: that may cancel other events.
  const Task task = std::move(slot.task);
  slot.task = nullptr;
  Free(token.slot);
}

void World::End(Life life) {
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].used && slots_[i].life == life) Cancel({i, slots_[i].generation});
  }
}

bool World::Step(Micros end) {
  while (!stopped_ && !queue_.empty() && queue_.top().time <= end.count()) {
    const Entry next = queue_.top();
    queue_.pop();
    Slot& slot = slots_[next.token.slot];
    if (!slot.used || slot.generation != next.token.generation) continue;
    const Task task = std::move(slot.task);
    slot.task = nullptr;
    trace_.Mix(next.time, slot.life);
    Free(next.token.slot);
    now_ = Micros{next.time};
    spent_ = Micros{0};
    ++events_;
    task();
    now_ += Micros{0};
    spent_ = Micros{0};
    return true;
  }
  return false;
}

}  // namespace federation::simulation
