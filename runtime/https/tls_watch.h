#pragma once

#include <chrono>
#include <memory>

#include "https/event_loop.h"
#include "https/reloadable_tls.h"

namespace federation::https {

// Reads TLS files again when they change, and logs what came of it. Looks at them from time to time, which
// works where notices of the system do not: with network disks, and with links that are turned to another
// folder. To be used on the loop, or while it stands still.
class TlsWatch {
 public:
  TlsWatch(EventLoop& loop, std::shared_ptr<ReloadableTls> tls) : timer_(loop), tls_(std::move(tls)) {}

  // `interval`: at least 1 ms.
  void Start(std::chrono::milliseconds interval);

 private:
  void Look();

  EventLoop::Timer timer_;
  const std::shared_ptr<ReloadableTls> tls_;
};

}  // namespace federation::https
