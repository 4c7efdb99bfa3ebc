#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "federation/update.h"

#include "delivery/delivery.h"
#include "simulation/checker.h"
#include "simulation/memory_store.h"
#include "simulation/network.h"
#include "simulation/plan.h"
#include "simulation/surroundings.h"
#include "simulation/wire.h"
#include "simulation/world.h"

namespace federation::simulation {

// A machine with a disk, and on it a node: the real delivery, and an application with a handler and a table.
// When it crashes only the disk is left.
class SimNode : public Server, private Disk, private UpdateReceiver {
 public:
  SimNode(World& world, Checker& checker, Network& network, const Plan& plan, NodeId id);
  ~SimNode() override;

  NodeId id() const { return id_; }
  bool running() const { return running_ != nullptr; }
  void Start();
  void Crash();
  // An orderly end, as far as there is one.
  void Stop();

  // A copy of the disk, and going back to it; the latter while the node does not run.
  void Backup();
  bool has_backup() const { return backup_.has_value(); }
  void Restore();

  void Send(NodeId destination);
  // To all others at once.
  void SendToAll();
  // Together with a row of the application.
  void SendJoined(NodeId destination);
  void SendWeak(NodeId destination);

  void Pause(NodeId destination, bool paused);
  void Reset(NodeId destination);
  void Wake(NodeId destination);
  void Replay(NodeId origin);
  // Takes one update out of the quarantine.
  void DropQuarantined(NodeId origin);
  void SetWall(Micros forward);
  void SetDiskFull(bool full) { disk_full_ = full; }
  // Nothing goes wrong with the disk and the handlers any more.
  void Heal();
  void CheckStatus();
  // That there is nothing to wait for, when there is nothing to do.
  void CheckRest();
  int timers_set() const { return running_ == nullptr ? 0 : running_->loop.timers_set(); }
  bool Quiet() const;

  void OnPush(delivery::InboundPush push, std::function<void(const WireAnswer&)> reply) override;

 private:
  class SimTransport;
  // What ends with the process.
  struct Running {
    Running(SimNode& node, World::Life life);

    SimWorkers store_thread;
    MemoryStore store;
    SimLoop loop;
    SimWorkers store_workers;
    SimWorkers handler_workers;
    std::unique_ptr<delivery::Transport> transport;
    delivery::Delivery delivery;
  };

  // The disk.
  Fate OnCommit() override;
  bool OnWrite() override;
  bool OnRead() override;
  bool IsLeased(std::string_view destination) override;
  bool SomebodyWaits() override;
  void Post(std::chrono::milliseconds delay, std::function<void()> task) override;
  std::chrono::steady_clock::time_point Now() const override { return clocks_.Now(); }
  std::chrono::system_clock::time_point WallNow() const override { return clocks_.WallNow(); }
  void Committed(const std::vector<MemoryChange>& changes) override;
  void Noted(std::string_view destination, Seq acked) override;
  void DieSoon();
  Fate Trouble(Fate fate);

  // The application.
  Outcome Receive(std::string_view json, const UpdateContext& context) override;
  Outcome ReceiveStrong(std::string_view json, const UpdateContext& context);
  Outcome ReceiveWeak(std::string_view json, const UpdateContext& context);
  Outcome Behave(std::uint64_t id, const UpdateContext& context);
  absl::Status SendFromHandler(const UpdateContext& context);
  NodeId AnotherNode();
  std::size_t Padding();
  void End();
  delivery::Delivery::Observers MakeObservers();
  // A task of the application that may block.
  void OnAnotherThread(std::function<void()> task);

  World& world_;
  Checker& checker_;
  Network& network_;
  const Plan& plan_;
  const NodeId id_;
  const std::string domain_;
  DiskFaults disk_;
  HandlerPlan handler_;
  bool disk_full_ = false;
  Micros disk_trouble_at_{-1};
  Micros disk_free_at_{0};
  bool told_of_all_ = true;  // of what this process has committed
  // Until when another process has the lease of a link.
  std::array<Micros, kNodesMax> leased_until_{};
  std::array<unsigned, kNodesMax> pauses_{};  // and ends of pauses that the operator has asked for
  Clocks clocks_;
  MemoryFile file_;
  World::Life life_ = 0;
  bool dying_ = false;
  std::unique_ptr<Running> running_;
  struct Saved {
    MemoryState state;
    StrongChecks::Mark mark;
  };
  std::optional<Saved> backup_;
};

}  // namespace federation::simulation
