#pragma once

#include <optional>
#include <utility>

#include "https/event_loop_impl.h"
#include "https/net.h"

namespace federation::https {

// A value that a callback brings to a coroutine. Both hold it, so that either may come to its end first. On
// the loop only.
template <typename T>
class Awaited {
 public:
  explicit Awaited(EventLoop& loop) : wake_(loop.impl().context) {
    wake_.expires_at(Alarm::time_point::max());
  }

  // The first one counts.
  void Set(T value) {
    if (!value_) value_ = std::move(value);
    wake_.cancel();
  }
  // The coroutine waits no longer.
  void Cancel() {
    cancelled_ = true;
    wake_.cancel();
  }
  // The value, when it is there; none after Cancel.
  Task<std::optional<T>> Take() {
    while (!value_ && !cancelled_) {
      boost::system::error_code woken;
      co_await wake_.async_wait(AwaitInto(woken));
    }
    co_return std::move(value_);
  }

 private:
  Alarm wake_;
  std::optional<T> value_;
  bool cancelled_ = false;
};

}  // namespace federation::https
