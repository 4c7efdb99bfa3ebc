#include "bench/node_pair.h"

#include <unistd.h>

#include "federation/sqlite_store.h"

#include "bench/loopback.h"
#include "bench/process_stats.h"
#include "bench/require.h"

namespace federation::bench {

NodePair::NodePair(const Options& options) {
  if (options.with_receiver) {
    StartReceiver();
  } else {
    receiver_port_ = FreePort();
  }
  if (options.delay.has_value()) proxy_ = std::make_unique<DelayingProxy>(receiver_port_, *options.delay);
  store_ = Require(OpenSqliteStore(store_path_));
  NodeOptions node;
  node.domain = kOrigin;
  node.listen = {"127.0.0.1", 0};
  node.tls = ca_.Issue(kOrigin);
  node.peers[kDestination] = {"127.0.0.1", proxy_ == nullptr ? receiver_port_ : proxy_->port()};
  node_ = Require(Node::Create(node, *store_));
  node_->OnDelivered([this](const Delivered& delivered) {
    if (delivered.destination != kDestination) return;
    delivered_at_ = Clock::now().time_since_epoch().count();
    delivered_ = Value(delivered.up_to);
    delivered_.notify_all();
  });
  Require(node_->Start());
}

NodePair::~NodePair() {
  node_->Stop();
  // What waits for bytes of the receiver ends with them.
  receiver_.reset();
}

void NodePair::StartReceiver() {
  receiver_ = std::make_unique<ReceiverProcess>(kDestination, ca_.Issue(kDestination),
                                                folder_.File("bravo.db"), receiver_port_);
  receiver_port_ = receiver_->port();
}

double NodePair::ReceiverTime_us() const { return ProcessorTime_us(receiver_->pid()); }
double NodePair::OwnTime_us() { return ProcessorTime_us(getpid()); }

std::chrono::steady_clock::time_point NodePair::AwaitDelivered(Seq seq) const {
  for (std::uint64_t now = delivered_; now < Value(seq); now = delivered_) delivered_.wait(now);
  return Clock::time_point(Clock::duration(delivered_at_.load()));
}

}  // namespace federation::bench
