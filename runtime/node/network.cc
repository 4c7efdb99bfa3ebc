#include "node/network.h"

#include <chrono>
#include <utility>

#include <absl/status/status.h>
#include <fmt/core.h>

#include "delivery/refusal_words.h"

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
  transport::Call post;
  post.destination = std::move(call.destination);
  if (!addresses_.Direct(&post)) {
    loop_.Post([server = post.server(), done = std::move(done)] {
      done(absl::NotFoundError(fmt::format("no address is configured for {}", server)));
    });
    return;
  }
  post.target = "/http/v1/updates";
  post.body = std::move(call.body);
  post.pipelined = true;
  post.timeout = call.timeout;
  const bool relayed = !post.relay.empty();
  if (relayed) post.told_deadline = std::chrono::steady_clock::now() + call.timeout;
  client_.Post(std::move(post), [relayed, done = std::move(done)](absl::StatusOr<transport::Answer> answer) {
    if (!answer.ok()) return done(answer.status());
    // The relay's word, and nothing that the destination has said.
    if (relayed && (answer->status == 502 || answer->status == 504)) {
      return done(absl::UnavailableError(delivery::RefusalWords(answer->status, answer->body)));
    }
    done(delivery::PushAnswer{answer->status, std::move(answer->body), answer->retry_after});
  });
}

}  // namespace federation::node
