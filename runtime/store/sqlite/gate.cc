#include "store/sqlite/gate.h"

#include <utility>

namespace federation::sqlite {
namespace {

// Who has been parked for so long is busy with something else.
constexpr std::chrono::milliseconds kPause{1};
// A guest that goes on and on lets the next one in after so long.
constexpr std::chrono::milliseconds kTurn{5};

}  // namespace

bool Gate::MayEnter(const Guest* self) const {
  if (is_taken_) return false;
  if (parked_ == nullptr || parked_ == self) return true;
  const Clock::time_point now = Clock::now();
  return now >= parked_since_ + kPause || now >= taken_since_ + kTurn;
}

void Gate::TakePlace(const Guest* self) {
  is_taken_ = true;
  taken_by_ = std::this_thread::get_id();
  by_guest_ = self != nullptr;
}

void Gate::WakeFirst() {
  // Who polls need not be woken at each step of a guest.
  if (!waiters_.empty() && !(waiters_.front()->polls && parked_ != nullptr))
    waiters_.front()->changed.notify_one();
}

Gate::Entry Gate::Enter(Guest* self) {
  std::unique_lock lock(mutex_);
  if (is_taken_ && taken_by_ == std::this_thread::get_id()) return {.entered = false};
  if (self != nullptr) served_.wait(lock, [self] { return !self->is_served_; });
  // A guest goes on with its turn without queueing up.
  const bool goes_on = self != nullptr && parked_ == self && !is_taken_ &&
                       (waiters_.empty() || Clock::now() < taken_since_ + kTurn);
  if (!goes_on) {
    Waiter waiter;
    waiters_.push_back(&waiter);
    WakeFirst();
    while (waiters_.front() != &waiter || !MayEnter(self)) {
      waiter.polls = waiters_.front() == &waiter && (by_guest_ || parked_ != nullptr);
      if (waiter.polls) {
        waiter.changed.wait_for(lock, kPause);
      } else {
        waiter.changed.wait(lock);
      }
    }
    waiters_.pop_front();
  }
  TakePlace(self);
  Guest* left = std::exchange(parked_, nullptr);
  if (left != nullptr && left == self) return {.resumed = true};
  if (left != nullptr) left->is_served_ = true;
  if (self != nullptr) taken_since_ = Clock::now();
  return {.left = left};
}

bool Gate::Resume(Guest& self) {
  std::unique_lock lock(mutex_);
  served_.wait(lock, [&self] { return !self.is_served_; });
  if (parked_ != &self) return false;
  parked_ = nullptr;
  TakePlace(&self);
  return true;
}

void Gate::Park(Guest& self) {
  const std::lock_guard guard(mutex_);
  is_taken_ = false;
  parked_ = &self;
  parked_since_ = Clock::now();
  if (!waiters_.empty() && parked_since_ >= taken_since_ + kTurn) {
    waiters_.front()->changed.notify_one();
  } else {
    WakeFirst();
  }
}

void Gate::Leave() {
  const std::lock_guard guard(mutex_);
  is_taken_ = false;
  by_guest_ = false;
  WakeFirst();
}

void Gate::Served(Guest& guest) {
  {
    const std::lock_guard guard(mutex_);
    guest.is_served_ = false;
  }
  served_.notify_all();
}

Gate::Clock::time_point Gate::parked_since() const {
  const std::lock_guard guard(mutex_);
  return parked_ == nullptr ? Clock::time_point() : parked_since_;
}

bool Gate::is_free() const {
  const std::lock_guard guard(mutex_);
  return !is_taken_ && parked_ == nullptr && waiters_.empty();
}

bool Gate::has_guest() const {
  const std::lock_guard guard(mutex_);
  return parked_ != nullptr || (is_taken_ && by_guest_);
}

}  // namespace federation::sqlite
