#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "delivery/surroundings.h"
#include "https/event_loop.h"
#include "node/addresses.h"
#include "transport/transport.h"

// The real world, as delivery sees it.
namespace federation::node {

// The network's thread. Thread-safe as https::EventLoop is.
class NetworkLoop final : public delivery::Loop {
 public:
  explicit NetworkLoop(https::EventLoop& loop) : loop_(loop) {}

  void Post(std::function<void()> task) override { loop_.Post(std::move(task)); }
  std::unique_ptr<delivery::Timer> MakeTimer() override;
  std::chrono::steady_clock::time_point Now() const override { return std::chrono::steady_clock::now(); }
  std::chrono::system_clock::time_point WallNow() const override { return std::chrono::system_clock::now(); }

 private:
  https::EventLoop& loop_;
};

// Pushes over HTTPS. To be used on the loop only.
class HttpsTransport final : public delivery::Transport {
 public:
  // Borrows all of it.
  HttpsTransport(https::EventLoop& loop, transport::Client& client, const Addresses& addresses)
      : loop_(loop), client_(client), addresses_(addresses) {}

  void Push(delivery::PushCall call, Done done) override;

 private:
  https::EventLoop& loop_;
  transport::Client& client_;
  const Addresses& addresses_;
};

}  // namespace federation::node
