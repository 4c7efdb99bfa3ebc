#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "federation/host_port.h"
#include "federation/limits.h"
#include "federation/node.h"
#include "federation/store.h"

#include "https/client.h"
#include "https/event_loop.h"
#include "link/outbox.h"
#include "link/weak_queue.h"
#include "node/worker_pool.h"

namespace federation::node {

// What all links of a node share. Borrowed; outlives the links.
struct LinkServices {
  https::EventLoop& loop;
  https::Client& client;
  Store& store;
  // Where the store is read and written: that may block, and must not hold up the network.
  WorkerPool& workers;
  const OutboxLimits& limits;
  link::Outbox::Random random;
};

// Carries out what the state machine of one link decides: reads updates from the store, pushes them, tells
// the machine what came of it. To be used on the loop only.
class OutboundLink : public std::enable_shared_from_this<OutboundLink> {
 public:
  // `address` is where the destination listens, if that is known.
  OutboundLink(LinkServices services, std::string destination, std::optional<HostPort> address,
               LinkNumbers stored);

  void Enqueued(Seq assigned);
  void SendWeak(std::string json, std::string replace_key);
  // The destination has pushed something to us.
  void Heard();

  LinkStatus Status() const;

 private:
  using Clock = std::chrono::steady_clock;

  void Poll();
  void ReadUpdates(const link::Outbox::Push& push);
  void Send(const std::vector<std::string>& strong, link::Outbox::Push push);
  void OnAnswer(std::size_t sent, const absl::StatusOr<https::Answer>& answer);
  void OnNoAnswer(std::size_t sent, const absl::Status& status);
  void OnHttpAnswer(std::size_t sent, const https::Answer& answer);
  void Fail(link::Outbox::Failure failure, std::size_t sent, std::optional<std::chrono::seconds> retry_after,
            std::string why);
  void React(const link::Outbox::Reaction& reaction);
  void Renumber(link::Outbox::Reaction::Renumber renumber);
  void Replace(Seq seq);
  // Runs `work` on a worker, then `done` with its status on the loop, where this link still exists.
  void WithStore(Store::Work work, std::function<void(const absl::Status&)> done);
  void NoteFailure(std::string why);
  void NoteHeard();

  LinkServices services_;
  const std::string destination_;
  const std::optional<HostPort> address_;
  link::Outbox outbox_;
  link::WeakQueue weak_;
  https::EventLoop::Timer timer_;
  https::EventLoop::Timer store_timer_;  // of its own: Poll cancels timer_
  std::optional<std::chrono::system_clock::time_point> last_heard_;
  std::string last_error_;
};

}  // namespace federation::node
