#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "federation/host_port.h"

#include "delivery/surroundings.h"
#include "https/client.h"
#include "https/event_loop.h"

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

// Pushes over HTTPS to the addresses of configured peers. To be used on the loop only.
class HttpsTransport final : public delivery::Transport {
 public:
  using Peers = std::map<std::string, HostPort, std::less<>>;

  // Borrows all of it.
  HttpsTransport(https::EventLoop& loop, https::Client& client, const Peers& peers)
      : loop_(loop), client_(client), peers_(peers) {}

  void Push(delivery::PushCall call, Done done) override;

 private:
  https::EventLoop& loop_;
  https::Client& client_;
  const Peers& peers_;
};

}  // namespace federation::node
