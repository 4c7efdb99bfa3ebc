#include "node/network.h"

#include <utility>

#include <absl/status/status.h>
#include <fmt/core.h>

namespace federation::node {
namespace {

class NetworkTimer final : public delivery::Timer {
 public:
  explicit NetworkTimer(https::EventLoop& loop) : timer_(loop) {}
  void Set(std::chrono::milliseconds delay, std::function<void()> task) override {
    timer_.Set(delay, std::move(task));
  }
  void Cancel() override { timer_.Cancel(); }

 private:
  https::EventLoop::Timer timer_;
};

}  // namespace

std::unique_ptr<delivery::Timer> NetworkLoop::MakeTimer() { return std::make_unique<NetworkTimer>(loop_); }

void HttpsTransport::Push(delivery::PushCall call, Done done) {
  const auto peer = peers_.find(call.destination);
  if (peer == peers_.end()) {
    loop_.Post([destination = std::move(call.destination), done = std::move(done)] {
      done(absl::NotFoundError(fmt::format("no address is configured for {}", destination)));
    });
    return;
  }
  https::Call post;
  post.destination = std::move(call.destination);
  post.address = peer->second;
  post.target = "/http/v1/updates";
  post.body = std::move(call.body);
  post.pipelined = true;
  post.timeout = call.timeout;
  client_.Post(std::move(post), [done = std::move(done)](absl::StatusOr<https::Answer> answer) {
    if (!answer.ok()) return done(answer.status());
    done(delivery::PushAnswer{answer->status, std::move(answer->body), answer->retry_after});
  });
}

}  // namespace federation::node
