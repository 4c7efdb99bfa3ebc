#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "federation/json/reader.h"
#include "federation/limits.h"
#include "federation/link_status.h"
#include "federation/quarantine.h"
#include "federation/store.h"
#include "federation/update.h"

#include "delivery/rate.h"
#include "delivery/surroundings.h"
#include "link/answer.h"
#include "link/push.h"

namespace federation::delivery {

// A push from a peer.
struct InboundPush {
  // The server that sent it, as its certificate proved.
  std::string origin;
  // Which connection it came over: one that was accepted later has a higher number.
  std::uint64_t connection = 0;
  std::string body;
};

// What is said to it: why it is refused, or the link's answer.
struct InboundReply {
  std::optional<json::DecodeError> refused;
  // Whether it is refused for the number of its updates, and not for its form.
  bool too_many_updates = false;
  link::Answer answer;
};

// Who wants to know what becomes of pushes. Each may be null. Called on workers.
struct InboundObservers {
  std::function<void(const Applied&)> applied;
  std::function<void(const Received&)> received;
};

// Applies the pushes of peers: each origin's one after the other, several in one transaction where they have
// come together. Thread-safe.
class Inbound {
 public:
  // Borrows all of it; the workers must have ended before this is destroyed. `receiver` may be null.
  Inbound(std::string domain, const InboxLimits& limits, Store& store, UpdateReceiver* receiver,
          InboundObservers observers, const Loop& clock, Workers& workers);

  using Done = std::function<void(const InboundReply&)>;
  // Applies a push. `done` is called from a worker; or at once: with `wait` if too much waits already, or
  // after Stop, and with `ok` if all that the push brings is a few weak updates, to handlers that keep up.
  void Apply(InboundPush push, Done done);

  // Runs the handler on quarantined updates again, those with the given ids or all, in the order of their
  // arrival and in turn with the origin's pushes. `done` is called from a worker. Stops at the first one that
  // is to be called later.
  using ReplayDone = std::function<void(const absl::StatusOr<std::vector<Replayed>>&)>;
  void Replay(const std::string& origin, std::vector<std::int64_t> ids, ReplayDone done);

  // Answers `wait` to all that comes from now on.
  void Stop() { stopping_ = true; }

  // How many pushes were told to wait because their origin sent more updates than it may in a second.
  std::uint64_t over_updates() const { return over_updates_; }
  // How many were because too much waited already.
  std::uint64_t over_queued() const { return over_queued_; }

 private:
  using Time = std::chrono::steady_clock::time_point;

  // A push that has been answered, and whose weak updates wait for the handler. The view is of the body.
  struct AnsweredPush {
    std::string body;
    link::PushView view;
    std::chrono::nanoseconds duration{0};
  };
  // Something to be done for an origin, in turn: a push, one that has been answered, or else a task.
  struct Job {
    InboundPush push;
    Done done;
    Time since;
    std::unique_ptr<AnsweredPush> answered;
    std::function<void()> task;
  };
  // What is known to be durable without asking the store, and over which connection the pushes came that it
  // was read for.
  struct Durable {
    std::uint64_t connection = 0;
    Seq last{0};
  };
  // How often the handler of an update threw.
  struct Thrown {
    Seq seq{0};
    int tries = 0;
  };
  struct Origin {
    std::deque<Job> jobs;
    std::size_t bytes = 0;  // of the pushes that have no answer yet
    bool running = false;
    // Pushes and tasks that are not dealt with, but for those that have been answered; and how many have.
    std::size_t open = 0;
    std::size_t answered = 0;
    std::optional<Durable> durable;
    // What comes over an older connection was sent before what came over this one: by a process that is gone,
    // perhaps, and whose numbers mean other updates now.
    std::uint64_t newest_connection = 0;
    Time newest_push{};  // when the latest one came over it
    Rate rate;
    Thrown thrown;
  };
  // A push in the course of being applied.
  struct Applying {
    Job job;
    link::PushView view;
    InboundReply reply;
    std::size_t skip = 0;     // of the strong updates, so many were not new,
    std::vector<bool> taken;  // and of the next ones these were applied; the others went to the quarantine
  };
  // An origin's pushes that share a transaction.
  struct Batch;
  struct Replaying;

  // Whether a push of so many bytes may wait, or be applied.
  bool HasRoom(const Origin& state, std::size_t bytes) const;
  // One is answered, or dealt with.
  void Release(const std::string& origin, std::size_t bytes);
  void Enqueue(const std::string& origin, Job job);
  // Answers a push here and now, if that needs no store; returns whether it did.
  bool AnswerAtOnce(InboundPush& push, const Done& done);
  bool MayAnswerAtOnce(const InboundPush& push);
  // Whether nothing of the origin may move its number, and this is the connection that the number is for.
  bool IsSettled(const Origin& state, std::uint64_t connection) const;
  // Queues one that has been parsed, and says what the answer is. Takes `answered` if it returns true.
  bool TakeAnswered(const InboundPush& push, Time since, std::unique_ptr<AnsweredPush>& answered,
                    link::Answer* answer);
  // Has a worker run the next job, or some pushes, of an origin that is said to run: which keeps it in the
  // map, and `origin` is its key there.
  void PostRun(const std::string& origin);
  void RunOrigin(const std::string& origin);
  // The next job in turn, if that is a push to be applied; how many come into one batch is the caller's
  // matter.
  std::optional<Job> NextPush(const std::string& origin);
  // The same if it is something else.
  std::optional<Job> NextAside(const std::string& origin);
  // One of those has been dealt with.
  void TakeOff(Origin& state, const Job& done);
  void ApplyAnswered(const std::string& origin, const AnsweredPush& push);
  // An exception (memory is short, say) becomes `wait`.
  void ApplyGuarded(const std::string& origin);
  void ApplyBatch(const std::string& origin, Batch& batch);
  void ApplyPush(const std::string& origin, Batch& batch, Applying& push);
  absl::Status ApplyUpdates(const std::string& origin, Batch& batch, Applying& push,
                            std::optional<std::chrono::seconds>* wait);
  // The whole seconds to wait, if the origin has sent too much.
  std::optional<std::chrono::seconds> TooFast(const std::string& origin, const link::PushView& push);
  void Remember(const std::string& origin, std::optional<Durable> durable);
  bool IsStale(const std::string& origin, std::uint64_t connection);
  link::Answer Busy() const { return link::Answer::Wait(limits_.wait_when_busy); }
  void Answer(const std::string& origin, Applying& push);

  UpdateContext ContextOf(std::string_view origin, Seq seq, Transaction* transaction) const;
  // Hands one update to the receiver; what it throws becomes an outcome.
  Outcome Receive(std::string_view json, const UpdateContext& context);
  Outcome OutcomeOfException(const UpdateContext& context, std::string_view what);
  // What a handler has said, in UTF-8: it is shown to operators.
  static std::string ReasonOf(const Outcome& rejected);
  // Keeps a rejected update; where there is no room, it waits.
  absl::StatusOr<Outcome> Quarantine(const UpdateContext& context, std::string_view json, Outcome rejected);

  void ReplaySome(const std::shared_ptr<Replaying>& replaying);
  absl::Status ReplayPage(Replaying& replaying, const std::vector<QuarantinedUpdate>& page);

  void TellReceived(const std::string& origin, const link::PushView& push, std::chrono::nanoseconds duration,
                    bool told_to_wait);
  void Tell(const std::string& origin, const Applying& push);
  void ApplyWeak(const std::string& origin, const link::PushView& push);
  void Observe(const Applied& applied);

  const std::string domain_;
  const InboxLimits limits_;
  Store& store_;
  UpdateReceiver* const receiver_;
  const InboundObservers observers_;
  const Loop& clock_;
  Workers& workers_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> over_updates_{0};
  std::atomic<std::uint64_t> over_queued_{0};

  std::mutex mutex_;  // guards what follows
  // Bounded: see kOriginsMax.
  std::map<std::string, Origin, std::less<>> origins_;
  std::size_t queued_bytes_ = 0;
};

}  // namespace federation::delivery
