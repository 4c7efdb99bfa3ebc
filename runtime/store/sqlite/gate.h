#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace federation::sqlite {

// Who may use the writing connection: one at a time, in the order in which they came. Who is between two
// steps parks: it keeps its place as long as nobody else waits for it, or a while longer so that a handler
// that is just busy is not interrupted at each step; then the next one takes the place over and completes
// what it finds there. Thread-safe.
class Gate {
 public:
  // One that parks. Guarded by the gate.
  class Guest {
   private:
    friend class Gate;
    bool is_served_ = false;  // somebody completes what it has left
  };

  struct Entry {
    // False if this thread is inside already: to wait would be for ever.
    bool entered = true;
    // The guest has come back to what it had left.
    bool resumed = false;
    // Who was parked here. What it has left has to be completed, and Served to be called.
    Guest* left = nullptr;
  };

  // Waits for its turn. `self` is null for who does not park.
  Entry Enter(Guest* self);
  // Whether the guest is back where it had parked; false if somebody has taken its place. Waits until what it
  // had left is complete.
  bool Resume(Guest& self);
  void Park(Guest& self);
  void Leave();
  void Served(Guest& guest);

  // Since when somebody has been parked here; the clock's epoch if nobody is.
  std::chrono::steady_clock::time_point parked_since() const;
  // Whether a guest is inside, or parked.
  bool has_guest() const;
  // Whether nobody is inside, parked, or waits.
  bool is_free() const;

 private:
  struct Waiter {
    std::condition_variable changed;
    bool polls = false;
  };
  using Clock = std::chrono::steady_clock;

  bool MayEnter(const Guest* self) const;
  void TakePlace(const Guest* self);
  void WakeFirst();

  mutable std::mutex mutex_;
  std::deque<Waiter*> waiters_;
  std::condition_variable served_;
  bool is_taken_ = false;
  std::thread::id taken_by_;
  bool by_guest_ = false;
  Clock::time_point taken_since_;  // the turn of a guest includes its pauses
  Guest* parked_ = nullptr;
  Clock::time_point parked_since_;
};

}  // namespace federation::sqlite
