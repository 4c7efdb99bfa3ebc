#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/node.h"
#include "federation/sqlite_store.h"

#include "node/scripted_receiver.h"
#include "support/forwarding_store.h"
#include "support/temporary_folder.h"
#include "support/test_ca.h"

// Whole nodes in one process, over real TLS on loopback and SQLite.
namespace federation::node {

using namespace std::chrono_literals;

// What a node has applied, in order; waits for more.
class Journal {
 public:
  void Add(const Applied& applied) {
    const std::lock_guard guard(mutex_);
    entries_.push_back(std::string(applied.origin) + " " +
                       (applied.seq.has_value() ? std::to_string(Value(*applied.seq)) : "weak") + " " +
                       std::string(applied.json));
    changed_.notify_all();
  }
  std::vector<std::string> WaitFor(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 20s, [&] { return entries_.size() >= count; });
    return entries_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> entries_;
};

// A store whose write transactions fail as often as it is told.
class FlakyStore : public support::ForwardingStore {
 public:
  FlakyStore(std::unique_ptr<Store> store, std::atomic<int>& failures)
      : ForwardingStore(*store), store_(std::move(store)), failures_(failures) {}

  absl::Status Transact(const Work& work) override {
    if (failures_.load() > 0) {
      --failures_;
      return absl::UnavailableError("flaky");
    }
    return ForwardingStore::Transact(work);
  }

 private:
  std::unique_ptr<Store> store_;
  std::atomic<int>& failures_;
};

// One server that can be stopped and started again with the same store and port.
class Server {
 public:
  Server(std::string domain, support::TestCa& ca, std::string store_path, NodeOptions options = {})
      : store_path_(std::move(store_path)), options_(std::move(options)) {
    options_.domain = std::move(domain);
    options_.tls = ca.Issue(options_.domain);
    options_.listen = {"127.0.0.1", 0};
    // These nodes know their peers, and nobody else.
    options_.discovery.enabled = false;
    options_.limits.outbox.backoff_min = 20ms;
    options_.limits.outbox.backoff_max = 200ms;
  }

  void Start() {
    auto store = OpenSqliteStore(store_path_);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = std::make_unique<FlakyStore>(*std::move(store), store_failures);
    StartNode();
  }
  // On the store that is open.
  void StartNode() {
    auto node = Node::Create(options_, *store_);
    ASSERT_TRUE(node.ok()) << node.status();
    node_ = *std::move(node);
    node_->Receive(receiver);
    node_->OnApplied([this](const Applied& applied) { journal.Add(applied); });
    if (before_start) before_start(*node_);
    const absl::Status status = node_->Start();
    ASSERT_TRUE(status.ok()) << status;
    options_.listen.port = node_->port();
  }
  void StopNode() { node_.reset(); }
  void Stop() {
    node_.reset();
    store_.reset();
  }

  void KnowPeer(const Server& peer) { options_.peers[peer.options_.domain] = peer.options_.listen; }
  void SendTo(const Server& peer, const std::string& json) {
    const auto seq = node_->SendStrong(peer.options_.domain, json);
    ASSERT_TRUE(seq.ok()) << seq.status();
  }
  LinkStatus LinkTo(const Server& peer) {
    const auto links = node_->Links();
    EXPECT_TRUE(links.ok()) << links.status();
    for (const LinkStatus& link : *links) {
      if (link.destination == peer.options_.domain) return link;
    }
    return {};
  }
  // Until the link is as wanted, or half a minute is over.
  bool WaitForLink(const Server& peer, const std::function<bool(const LinkStatus&)>& wanted) {
    for (int i = 0; i < 3000; ++i) {
      if (wanted(LinkTo(peer))) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }
  bool WaitUntilDelivered(const Server& peer) {
    return WaitForLink(peer, [](const LinkStatus& link) { return link.pending() == 0; });
  }

  Node& node() { return *node_; }
  Store& store() { return *store_; }
  NodeOptions& options() { return options_; }
  const std::string& store_path() const { return store_path_; }

  ScriptedReceiver receiver;
  Journal journal;
  std::atomic<int> store_failures{0};
  // What else is to be done with the node before it starts.
  std::function<void(Node&)> before_start;

 private:
  const std::string store_path_;
  NodeOptions options_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Node> node_;
};

// Two nodes, alpha.test and bravo.test.
class TwoNodes : public testing::Test {
 protected:
  // Both start once to get a port, and then know each other.
  void StartBoth() {
    alpha.Start();
    bravo.Start();
    alpha.Stop();
    bravo.Stop();
    alpha.KnowPeer(bravo);
    bravo.KnowPeer(alpha);
    alpha.Start();
    bravo.Start();
  }
  static std::string Json(int n) { return R"({"n":)" + std::to_string(n) + "}"; }
  static void CopyStore(const std::string& from, const std::string& to) {
    for (const char* ending : {"", "-wal"}) {
      std::filesystem::remove(to + ending);
      if (std::filesystem::exists(from + ending)) std::filesystem::copy_file(from + ending, to + ending);
    }
    std::filesystem::remove(to + "-shm");
  }

  TemporaryFolder folder;
  support::TestCa ca;
  Server alpha{"alpha.test", ca, folder.File("alpha.db")};
  Server bravo{"bravo.test", ca, folder.File("bravo.db")};
};

}  // namespace federation::node
