#include "simulation/node.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

namespace federation::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// From the call of a thread to another one of the application.
constexpr Micros kHandOver{50};

delivery::DeliveryOptions OptionsOf(const Plan& plan, NodeId id) {
  delivery::DeliveryOptions options;
  options.domain = DomainOf(id);
  options.outbox = plan.nodes[id].outbox;
  options.inbox = plan.nodes[id].inbox;
  options.owner = "process";
  return options;
}

}  // namespace

class SimNode::SimTransport : public delivery::Transport {
 public:
  explicit SimTransport(SimNode& node) : node_(node) {}
  void Push(delivery::PushCall call, Done done) override {
    if (node_.dying_) return;
    node_.network_.Push(node_.id_, std::move(call), std::move(done));
  }

 private:
  SimNode& node_;
};

SimNode::Running::Running(SimNode& node, World::Life life)
    : store_thread(node.world_, life, 1),
      store(node.file_, node, node.plan_.nodes[node.id_].store),
      loop(node.world_, life, node.clocks_),
      store_workers(node.world_, life, 1),
      handler_workers(node.world_, life, node.plan_.nodes[node.id_].handler_threads),
      transport(std::make_unique<SimTransport>(node)),
      delivery(OptionsOf(node.plan_, node.id_), store,
               delivery::Surroundings{loop, store_workers, handler_workers, *transport,
                                      [&node] { return node.world_.random().Unit(); }}) {}

SimNode::SimNode(World& world, Checker& checker, Network& network, const Plan& plan, NodeId id)
    : world_(world),
      checker_(checker),
      network_(network),
      plan_(plan),
      id_(id),
      domain_(DomainOf(id)),
      disk_(plan.nodes[id].sick ? plan.nodes[id].disk : DiskFaults{}),
      handler_(plan.nodes[id].handler),
      clocks_(world) {}

SimNode::~SimNode() {
  if (running()) End();
}

// --- Life and death.

void SimNode::Start() {
  life_ = world_.NewLife();
  dying_ = false;
  told_of_all_ = true;
  world_.trace().Mix(2001, id_, life_);
  world_.trace().Line(world_.now(), "{} starts", domain_);
  checker_.OnStarted(id_);
  for (const auto& [destination, link] : file_.state.links) {
    if (link->paused) checker_.sender().OnPaused(id_, NodeOf(destination), true);
  }
  running_ = std::make_unique<Running>(*this, life_);
  delivery::Delivery& delivery = running_->delivery;
  delivery.Receive(*this);
  delivery.Observe(MakeObservers());
  network_.Up(id_, life_, this);
  running_->loop.Post([this] { running_->delivery.Start(); });
}

delivery::Delivery::Observers SimNode::MakeObservers() {
  delivery::Delivery::Observers observers;
  observers.applied = [this](const Applied& applied) {
    if (!applied.seq.has_value() || dying_) return;
    const auto id = ParseUpdate(applied.json, id_);
    if (id.has_value()) checker_.strong().OnToldOfApplied(id_, NodeOf(applied.origin), *id);
  };
  observers.received = [this](const Received& received) {
    const std::size_t updates = received.strong_updates + received.weak_updates;
    world_.trace().Mix(2006, NodeOf(received.origin), updates, received.told_to_wait);
    if (received.told_to_wait) return;
    checker_.receiver().OnTaken(id_, NodeOf(received.origin), updates,
                                std::chrono::duration_cast<Micros>(received.duration));
  };
  observers.pushed = [this](const Pushed& pushed) {
    world_.trace().Mix(2007, NodeOf(pushed.destination), pushed.strong_updates,
                       static_cast<int>(pushed.result));
  };
  observers.delivered = [this](const Delivered& delivered) {
    checker_.strong().OnNotedAcked(id_, NodeOf(delivered.destination), delivered.up_to);
  };
  observers.given_up = [](const GivenUp& given_up, Transaction& transaction) {
    Row row;
    row.kind = Row::Kind::kGivenUp;
    row.seq = given_up.first;
    row.last = given_up.last;
    return AddRow(transaction, given_up.destination, row);
  };
  return observers;
}

void SimNode::DieSoon() {
  if (dying_) return;
  dying_ = true;
  world_.After(Micros{0}, life_, [this] { Crash(); });
}

void SimNode::Crash() {
  if (!running()) return;
  world_.trace().Mix(2002, id_);
  world_.trace().Line(world_.now(), "{} crashes", domain_);
  End();
  // Whoever cut the power puts it on again.
  world_.After(world_.random().Between(Micros{milliseconds{100}}, Micros{seconds{20}}), 0, [this] {
    if (!running()) Start();
  });
}

void SimNode::Stop() {
  if (!running() || dying_) return;
  world_.trace().Mix(2003, id_);
  world_.trace().Line(world_.now(), "{} stops", domain_);
  running_->delivery.StopReceiving();
  running_->delivery.StopSending();
  running_->store.Flush();
  End();
}

void SimNode::End() {
  dying_ = true;
  network_.Down(id_);
  checker_.OnEnded(id_);
  world_.End(life_);
  running_.reset();
}

void SimNode::Backup() {
  backup_ = Saved{file_.state, checker_.strong().OnBackup(id_)};
  world_.trace().Line(world_.now(), "{} is backed up", domain_);
}

void SimNode::Restore() {
  world_.trace().Mix(2004, id_);
  world_.trace().Line(world_.now(), "{} goes back to its backup", domain_);
  file_.state = backup_->state;
  checker_.strong().OnRestored(id_, backup_->mark, file_.state);
}

void SimNode::Heal() {
  disk_ = DiskFaults{};
  handler_ = HandlerPlan{};
  disk_full_ = false;
  leased_until_.fill(Micros{0});
}

// --- The disk.

Disk::Fate SimNode::Trouble(Fate fate) {
  disk_trouble_at_ = world_.now();
  if (fate == Fate::kFailsDurable) told_of_all_ = false;
  world_.trace().Line(world_.now(), "{}: a commit fails{}", domain_,
                      fate == Fate::kFailsDurable ? ", and is durable" : "");
  return fate;
}

Disk::Fate SimNode::OnCommit() {
  Random& random = world_.random();
  if (dying_) return Fate::kFails;
  // One writer at a time.
  if (disk_free_at_ > world_.now()) world_.Spend(disk_free_at_ - world_.now());
  world_.Spend(random.Between(disk_.commit_min, disk_.commit_max));
  disk_free_at_ = world_.now();
  if (random.Chance(disk_.crash)) {
    DieSoon();
    return Trouble(random.Chance(0.5) ? Fate::kFails : Fate::kFailsDurable);
  }
  if (disk_full_ || random.Chance(disk_.full)) return Trouble(Fate::kFull);
  if (random.Chance(disk_.commit_fails)) return Trouble(Fate::kFails);
  if (random.Chance(disk_.commit_unknown)) return Trouble(Fate::kFailsDurable);
  return Fate::kDone;
}

bool SimNode::OnWrite() {
  if (dying_) return false;
  if (!world_.random().Chance(disk_.write_fails)) return true;
  disk_trouble_at_ = world_.now();
  return false;
}

bool SimNode::OnRead() {
  if (dying_) return false;
  // What is read may be old when it is looked at.
  if (world_.random().Chance(disk_.read_slow))
    world_.Spend(world_.random().Between(Micros{0}, disk_.commit_max));
  if (!world_.random().Chance(disk_.read_fails)) return true;
  disk_trouble_at_ = world_.now();
  return false;
}

bool SimNode::IsLeased(std::string_view destination) {
  Micros& until = leased_until_[NodeOf(destination)];
  if (world_.random().Chance(disk_.lease_lost)) {
    until = world_.now() + world_.random().Between(Micros{0}, Micros{seconds{30}});
    world_.trace().Line(world_.now(), "{}: another process has the link to {} for {} ms", domain_,
                        destination, (until - world_.now()).count() / 1000);
  }
  if (world_.now() >= until) return false;
  disk_trouble_at_ = until;
  running_->loop.Post([this, link = NodeOf(destination)] { checker_.sender().OnLeaseLost(id_, link); });
  return true;
}

bool SimNode::SomebodyWaits() { return !dying_ && world_.random().Chance(0.1); }

void SimNode::Post(milliseconds delay, std::function<void()> task) {
  if (delay > milliseconds{0}) {
    world_.After(delay, life_, std::move(task));
    return;
  }
  running_->store_thread.Post(std::move(task));
}

void SimNode::Committed(const std::vector<MemoryChange>& changes) {
  checker_.OnCommitted(id_, changes, file_.state);
}

void SimNode::Noted(std::string_view destination, Seq acked) {
  checker_.strong().OnNotedAcked(id_, NodeOf(destination), acked);
}

// --- The application as it receives.

Outcome SimNode::Receive(std::string_view json, const UpdateContext& context) {
  return context.delivery == Delivery::kWeak ? ReceiveWeak(json, context) : ReceiveStrong(json, context);
}

Outcome SimNode::ReceiveWeak(std::string_view json, const UpdateContext& context) {
  const NodeId origin = NodeOf(context.origin);
  const auto id = ParseUpdate(json, id_);
  if (!id.has_value() || !checker_.books().Knows(*id) || checker_.books().At(*id).origin != origin) {
    return Outcome::Reject("unknown");
  }
  if (!dying_) checker_.weak().OnHandled(id_, origin, *id);
  if (world_.random().Chance(handler_.throws)) throw std::runtime_error("simulated");
  return world_.random().Chance(handler_.later) ? Outcome::Later(seconds{1}) : Outcome::Done();
}

Outcome SimNode::ReceiveStrong(std::string_view json, const UpdateContext& context) {
  Row row;
  row.seq = context.seq;
  const auto id = ParseUpdate(json, id_);
  if (IsExpired(json)) {
    row.kind = Row::Kind::kExpired;
  } else if (!id.has_value() || !checker_.books().Knows(*id) ||
             checker_.books().At(*id).origin != NodeOf(context.origin)) {
    row.kind = Row::Kind::kUnknown;
  } else {
    row.kind = checker_.books().At(*id).quarantined ? Row::Kind::kReplayed : Row::Kind::kApplied;
    row.id = *id;
  }
  const absl::Status written = AddRow(*context.transaction, context.origin, row);
  if (!written.ok()) return Outcome::Later(seconds{1});
  return row.kind == Row::Kind::kApplied || row.kind == Row::Kind::kReplayed ? Behave(row.id, context)
                                                                             : Outcome::Done();
}

Outcome SimNode::Behave(std::uint64_t id, const UpdateContext& context) {
  Random& random = world_.random();
  if (random.Chance(handler_.slow)) world_.Spend(random.Between(Micros{0}, handler_.slow_max));
  if (random.Chance(handler_.sends) && !SendFromHandler(context).ok()) return Outcome::Later(seconds{1});
  Update& update = checker_.books().At(id);  // not before: whoever sends adds to them
  // What it will be is decided the first time; after some tries it is done.
  if (++update.tries > 20) return Outcome::Done();
  Random fate(Random::Mix(id + 77));
  const double kind = fate.Unit();
  if (kind < handler_.reject) return update.tries < 3 ? Outcome::Reject("simulated") : Outcome::Done();
  if (kind < handler_.reject + handler_.throws) {
    if (fate.Chance(0.5) || update.tries < 3) throw std::runtime_error("simulated");
    return Outcome::Done();
  }
  if (random.Chance(handler_.later)) return Outcome::Later(seconds(random.Below(6)));
  return Outcome::Done();
}

absl::Status SimNode::SendFromHandler(const UpdateContext& context) {
  const NodeId destination = AnotherNode();
  const std::uint64_t id = checker_.books().NewUpdate(id_, destination, false, true);
  const absl::StatusOr<Seq> seq =
      context.transaction->Append(DomainOf(destination), FormatUpdate(id, false, false, Padding()));
  // When too much waits the handler does without.
  if (absl::IsResourceExhausted(seq.status())) return absl::OkStatus();
  if (!seq.ok()) return seq.status();
  Row row;
  row.kind = Row::Kind::kSent;
  row.id = id;
  return AddRow(*context.transaction, DomainOf(destination), row);
}

NodeId SimNode::AnotherNode() {
  const NodeId other = world_.random().Below(plan_.nodes.size() - 1);
  return other < id_ ? other : other + 1;
}

std::size_t SimNode::Padding() { return world_.random().Below(plan_.padding_max + 1); }

// --- The application as it sends.

void SimNode::Send(NodeId destination) {
  if (!running() || dying_) return;
  const std::uint64_t id = checker_.books().NewUpdate(id_, destination, false, false);
  std::string json = FormatUpdate(id, false, false, Padding());
  checker_.sender().OnHandedOver(id_, id, json.size());
  running_->store.Append(DomainOf(destination), std::move(json), [this, id](const absl::StatusOr<Seq>& seq) {
    checker_.OnStored(id_, id, seq.ok());
  });
  checker_.sender().CheckHandedOver(id_);
}

void SimNode::SendToAll() {
  if (!running() || dying_) return;
  const std::uint64_t first = checker_.books().NewFan(id_);
  std::vector<std::string> destinations;
  for (NodeId node = 0; node < plan_.nodes.size(); ++node) {
    if (node != id_) destinations.push_back(DomainOf(node));
  }
  running_->store.Submit(
      [destinations, json = FormatUpdate(first, true, false, Padding())](Transaction& transaction) {
        return transaction.AppendToAll(destinations, json).status();
      },
      [this, first, destinations](const absl::Status& status) {
        if (!status.ok()) return;
        for (const std::string& destination : destinations)
          checker_.strong().OnSendReported(first + NodeOf(destination));
      });
}

void SimNode::SendJoined(NodeId destination) {
  if (!running() || dying_) return;
  const std::uint64_t id = checker_.books().NewUpdate(id_, destination, false, true);
  OnAnotherThread([this, id, destination, json = FormatUpdate(id, false, false, Padding())] {
    const absl::Status status = running_->store.Transact([&](Transaction& transaction) -> absl::Status {
      Row row;
      row.kind = Row::Kind::kSent;
      row.id = id;
      absl::Status written = AddRow(transaction, DomainOf(destination), row);
      if (!written.ok()) return written;
      written = transaction.Append(DomainOf(destination), json).status();
      if (written.ok() && world_.random().Chance(0.1)) return absl::CancelledError("changed its mind");
      return written;
    });
    if (status.ok()) checker_.strong().OnSendReported(id);
  });
}

void SimNode::SendWeak(NodeId destination) {
  if (!running() || dying_) return;
  const std::uint64_t id = checker_.books().NewUpdate(id_, destination, true, false);
  const std::uint64_t key = world_.random().Below(plan_.weak_keys + 1);
  const absl::Status status =
      running_->delivery.SendWeak(DomainOf(destination), FormatUpdate(id, false, true, Padding() / 4),
                                  key == 0 ? "" : fmt::format("key {}", key));
  world_.trace().Line(world_.now(), "{} sends weak update {} to {}, key {}", domain_, id,
                      DomainOf(destination), key);
  checker_.weak().OnSent(id, status.ok() ? key : 0);
}

// --- Its operator.

void SimNode::OnAnotherThread(std::function<void()> task) {
  world_.After(kHandOver, life_, [this, task = std::move(task)] {
    if (!dying_) task();
  });
}

void SimNode::Pause(NodeId destination, bool paused) {
  if (!running() || dying_) return;
  world_.trace().Line(world_.now(), "{} {} the link to {}", domain_, paused ? "pauses" : "resumes",
                      DomainOf(destination));
  OnAnotherThread([this, destination, paused, number = ++pauses_[destination]] {
    delivery::Delivery& delivery = running_->delivery;
    if (!paused) {
      // From the call on: it may be carried out before that is reported.
      checker_.sender().OnPaused(id_, destination, false);
      if (delivery.Resume(DomainOf(destination)).ok()) return;
      world_.After(seconds{1}, life_, [this, destination] { Pause(destination, false); });
    } else if (delivery.Pause(DomainOf(destination)).ok()) {
      // What the loop did before it heard of that was no mistake.
      running_->loop.Post([this, destination, number] {
        if (pauses_[destination] == number) checker_.sender().OnPaused(id_, destination, true);
      });
    }
  });
}

void SimNode::Reset(NodeId destination) {
  if (!running() || dying_) return;
  world_.trace().Line(world_.now(), "{} resets the link to {}", domain_, DomainOf(destination));
  OnAnotherThread([this, destination] {
    checker_.OnReset(id_, destination);
    const absl::StatusOr<std::uint64_t> given_up = running_->delivery.Reset(DomainOf(destination));
    if (given_up.ok()) checker_.strong().OnWasReset(id_, destination, file_.state);
    running_->loop.Post([this, destination] { checker_.OnReset(id_, destination); });
  });
}

void SimNode::Wake(NodeId destination) {
  if (!running() || dying_) return;
  running_->loop.Post([this, destination] {
    checker_.sender().OnWoken(id_, destination);
    running_->delivery.Wake(DomainOf(destination));
  });
}

void SimNode::Replay(NodeId origin) {
  if (!running() || dying_) return;
  world_.trace().Line(world_.now(), "{} replays the quarantine of {}", domain_, DomainOf(origin));
  running_->delivery.Replay(DomainOf(origin), {}, [](const absl::StatusOr<std::vector<Replayed>>&) {});
}

void SimNode::DropQuarantined(NodeId origin) {
  if (!running() || dying_) return;
  const auto kept = running_->store.Quarantined(DomainOf(origin), 0, 1);
  if (!kept.ok() || kept->empty()) return;
  if (const auto id = ParseUpdate(kept->front().json, id_); id.has_value() && checker_.books().Knows(*id)) {
    checker_.strong().OnUnquarantine(*id);
  }
  running_->store.Submit([origin = DomainOf(origin), id = kept->front().id](
                             Transaction& transaction) { return transaction.Unquarantine(origin, id); },
                         [](const absl::Status&) {});
}

void SimNode::SetWall(Micros forward) {
  clocks_.SetWall(forward);
  checker_.books().node(id_).clock_was_set = true;
  world_.trace().Line(world_.now(), "{}: the clock is set by {} s", domain_, forward.count() / 1'000'000);
}

void SimNode::CheckStatus() {
  if (!running() || dying_) return;
  // Of an update whose commit is reported as failed, links learn with the next one.
  if (told_of_all_) checker_.sender().CheckTries(id_, disk_trouble_at_, file_.state);
  running_->delivery.Links([this](const absl::StatusOr<std::vector<LinkStatus>>& links) {
    if (links.ok()) checker_.sender().OnStatus(id_, *links, file_.state);
  });
}

void SimNode::CheckRest() {
  if (!running() || dying_) return;
  running_->delivery.Links([this](const absl::StatusOr<std::vector<LinkStatus>>& links) {
    if (links.ok()) checker_.sender().OnRest(id_, *links, running_->loop.timers_set());
  });
}

// --- The server.

void SimNode::OnPush(delivery::InboundPush push, std::function<void(const WireAnswer&)> reply) {
  if (!running() || dying_) return;
  const NodeId origin = NodeOf(push.origin);
  const std::uint64_t number = checker_.OnReceived(id_, origin, push.body.size());
  running_->loop.Post([this, origin = push.origin] { running_->delivery.Heard(origin); });
  running_->delivery.Push(std::move(push), [this, origin, number, reply = std::move(reply),
                                            life = life_](const delivery::InboundReply& answer) {
    if (dying_ || life != life_) return;
    if (answer.refused.has_value()) {
      checker_.receiver().OnReply(id_, origin, number, std::nullopt, file_.state);
      return reply(StatusOnly(answer.too_many_updates ? 413 : 400));
    }
    world_.trace().Mix(2005, static_cast<int>(answer.answer.kind), Value(answer.answer.seq));
    checker_.receiver().OnReply(id_, origin, number, answer.answer, file_.state);
    reply(AckOf(answer.answer));
  });
}

}  // namespace federation::simulation
