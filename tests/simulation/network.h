#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "delivery/delivery.h"
#include "delivery/surroundings.h"
#include "link/answer.h"
#include "simulation/checker.h"
#include "simulation/plan.h"
#include "simulation/wire.h"
#include "simulation/world.h"

namespace federation::simulation {

// An HTTP answer, and what it says if it is an ack.
struct WireAnswer {
  delivery::PushAnswer http;
  std::optional<link::Answer> ack;
};
WireAnswer AckOf(const link::Answer& ack);
WireAnswer StatusOnly(int status);

// Who takes pushes at a node.
class Server {
 public:
  virtual ~Server() = default;
  virtual void OnPush(delivery::InboundPush push, std::function<void(const WireAnswer&)> reply) = 0;
};

// Connections between all nodes, and everything that happens to them. What was sent over one arrives in order
// or not at all; it may arrive when its sender has given up or died.
class Network {
 public:
  Network(World& world, Checker& checker, const Plan& plan);

  void Up(NodeId node, World::Life life, Server* server);
  // The node's process has ended. The other ends may or may not hear of it.
  void Down(NodeId node);
  // From now on nothing comes from `from` to `to`, or it does again.
  void Cut(NodeId from, NodeId to, bool cut);
  // All that goes wrong ends.
  void Heal();

  void Push(NodeId from, delivery::PushCall call, delivery::Transport::Done done);

 private:
  struct Pending {
    delivery::Transport::Done done;
    World::Token timeout;
  };
  struct Slot {
    std::optional<WireAnswer> answer;
  };
  struct Connection {
    NodeId from = 0;
    NodeId to = 0;
    World::Life life = 0;  // of the client
    std::uint64_t number = 0;
    bool connected = false;
    bool client_open = true;
    bool server_open = false;
    bool silent = false;  // nothing arrives any more at the server
    bool deaf = false;    // nor at the client
    Micros last_in{0};
    Micros last_out{0};
    Micros used{0};
    std::deque<Pending> pending;
    std::deque<std::string> unsent;
    std::deque<std::string> held;  // by a cut, on the way to the server
    std::deque<std::shared_ptr<Slot>> slots;
  };
  using Wire = std::shared_ptr<Connection>;
  struct Node {
    Server* server = nullptr;
    World::Life life = 0;
    std::uint64_t accepted = 0;
  };

  const NetworkFaults& Faults(NodeId from, NodeId to) const;
  Micros Latency(NodeId from, NodeId to);
  Wire& Current(NodeId from, NodeId to) { return current_[from * plan_.nodes.size() + to]; }
  bool IsCut(NodeId from, NodeId to) const { return cut_[from * plan_.nodes.size() + to]; }
  void Connect(const Wire& wire);
  void Send(const Wire& wire, std::string body);
  void ArriveLater(const Wire& wire, std::string body, Micros extra);
  void Arrive(const Wire& wire, std::string body);
  std::optional<WireAnswer> FrontAnswer(const Wire& wire);
  void SendAnswers(const Wire& wire);
  void AnswerArrives(const Wire& wire, const WireAnswer& answer);
  void BreakLater(const Wire& wire, Micros delay);
  void Break(const Wire& wire, const absl::Status& status);
  void Forget();

  World& world_;
  Checker& checker_;
  const Plan& plan_;
  const NetworkFaults calm_;
  bool healed_ = false;
  std::vector<Node> nodes_;
  std::vector<Wire> current_;
  std::vector<bool> cut_;
  std::vector<std::weak_ptr<Connection>> all_;
};

}  // namespace federation::simulation
