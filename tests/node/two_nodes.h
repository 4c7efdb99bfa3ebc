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
class FlakyStore : public Store {
 public:
  FlakyStore(std::unique_ptr<Store> store, std::atomic<int>& failures)
      : store_(std::move(store)), failures_(failures) {}

  absl::Status Transact(const Work& work) override {
    if (failures_.load() > 0) {
      --failures_;
      return absl::UnavailableError("flaky");
    }
    return store_->Transact(work);
  }

  // All others as they are.
  void Append(std::string destination, std::string json, AppendDone done) override {
    store_->Append(std::move(destination), std::move(json), std::move(done));
  }
  void Submit(Work work, Done done) override { store_->Submit(std::move(work), std::move(done)); }
  std::unique_ptr<LazyTransaction> Begin() override { return store_->Begin(); }
  bool InTransaction() const override { return store_->InTransaction(); }
  absl::StatusOr<StoredLink> Link(std::string_view destination) override { return store_->Link(destination); }
  absl::StatusOr<std::vector<StoredLink>> Links(std::string_view after, std::size_t count_max) override {
    return store_->Links(after, count_max);
  }
  absl::StatusOr<std::vector<std::string>> WaitingLinks() override { return store_->WaitingLinks(); }
  absl::StatusOr<UpdateRun> Read(std::string_view destination, Seq first, std::size_t count_max,
                                 std::size_t bytes_max) override {
    return store_->Read(destination, first, count_max, bytes_max);
  }
  absl::StatusOr<Seq> Last(std::string_view origin) override { return store_->Last(origin); }
  absl::StatusOr<std::vector<QuarantinedUpdate>> Quarantined(std::string_view origin, std::int64_t after,
                                                             std::size_t count_max) override {
    return store_->Quarantined(origin, after, count_max);
  }
  absl::StatusOr<std::vector<QuarantineSize>> Quarantines() override { return store_->Quarantines(); }
  void NoteAcked(std::string_view destination, Seq acked) override { store_->NoteAcked(destination, acked); }
  void NoteBackOff(std::string_view destination, const BackOff& backoff) override {
    store_->NoteBackOff(destination, backoff);
  }
  void NoteCompared(std::string_view destination) override { store_->NoteCompared(destination); }
  absl::StatusOr<bool> Lease(std::string_view destination, std::string_view owner,
                             std::chrono::milliseconds duration) override {
    return store_->Lease(destination, owner, duration);
  }
  void EndLease(std::string_view destination, std::string_view owner) override {
    store_->EndLease(destination, owner);
  }
  void ObserveAppends(AppendObserver observer) override { store_->ObserveAppends(std::move(observer)); }

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
