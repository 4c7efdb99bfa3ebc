#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "federation/node.h"
#include "federation/seq.h"

#include "bench/delaying_proxy.h"
#include "bench/receiver_process.h"
#include "support/temporary_folder.h"
#include "support/test_ca.h"

namespace federation::bench {

inline constexpr const char* kOrigin = "alpha.test";
inline constexpr const char* kDestination = "bravo.test";

// A sending node in this process and a receiving one in another, each with a new SQLite store.
class NodePair {
 public:
  struct Options {
    // If set, what the two say to each other goes through a proxy that holds it back for so long on each way.
    std::optional<std::chrono::milliseconds> delay = std::nullopt;
    // If not, the receiver is down until StartReceiver.
    bool with_receiver = true;
  };
  NodePair() : NodePair(Options()) {}
  explicit NodePair(const Options& options);
  ~NodePair();

  Node& node() { return *node_; }
  Store& store() { return *store_; }
  const std::string& store_path() const { return store_path_; }
  std::string File(const std::string& name) const { return folder_.File(name); }
  support::TestCa& ca() { return ca_; }

  void StartReceiver();
  const ReceiverProcess& receiver() const { return *receiver_; }
  // The receiver's processor time and this process's, in microseconds.
  double ReceiverTime_us() const;
  static double OwnTime_us();

  // The highest number that the receiver has confirmed, and when that was heard.
  Seq delivered() const { return Seq{delivered_.load()}; }
  std::chrono::steady_clock::time_point AwaitDelivered(Seq seq) const;

 private:
  using Clock = std::chrono::steady_clock;

  TemporaryFolder folder_;
  support::TestCa ca_;
  const std::string store_path_ = folder_.File("alpha.db");
  std::uint16_t receiver_port_ = 0;
  std::unique_ptr<ReceiverProcess> receiver_;
  std::unique_ptr<DelayingProxy> proxy_;
  std::atomic<std::uint64_t> delivered_{0};
  std::atomic<Clock::rep> delivered_at_{0};
  std::unique_ptr<Store> store_;
  std::unique_ptr<Node> node_;
};

}  // namespace federation::bench
