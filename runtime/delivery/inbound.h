#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "federation/json/reader.h"
#include "federation/limits.h"
#include "federation/node.h"
#include "federation/store.h"
#include "federation/update.h"

#include "link/answer.h"
#include "link/push.h"
#include "node/worker_pool.h"

namespace federation::node {

// Applies the pushes of peers: each origin's one after the other. Thread-safe.
class Inbound {
 public:
  using Observer = std::function<void(const Node::Applied&)>;

  // Borrows the store, the receiver and the workers, which must be stopped before this is destroyed;
  // `receiver` and `observer` may be null.
  Inbound(std::string domain, const InboxLimits& limits, Store& store, UpdateReceiver* receiver,
          Observer observer, WorkerPool& workers);

  // What is said to a push: why it is refused, or the link's answer.
  struct Reply {
    std::optional<json::DecodeError> refused;
    // Whether it is refused for the number of its updates, and not for its form.
    bool too_many_updates = false;
    link::Answer answer;
  };
  using Done = std::function<void(const Reply&)>;

  // Applies a push. `done` is called from a worker, or at once with `wait` if too many pushes of this origin
  // wait already, or after Stop.
  void Apply(std::string origin, std::string body, Done done);

  // Answers `wait` to all that comes from now on.
  void Stop() { stopping_ = true; }

 private:
  struct Push {
    std::string body;
    Done done;
  };
  // What has become of a push's strong updates.
  struct Result {
    link::Answer answer;
    std::size_t skip = 0;     // of the strong updates, so many were not new,
    std::vector<bool> taken;  // and of the next ones these were applied; the others went to the quarantine
  };

  Reply Busy() const;
  void RunOrigin(const std::string& origin);
  // An exception of the embedder's observer, or of memory that is short, becomes `wait`.
  Reply ApplyGuarded(const std::string& origin, const std::string& body);
  Reply ApplyPush(const std::string& origin, const std::string& body);
  Result ApplyStrong(const std::string& origin, const link::PushView& push);
  absl::Status ApplyInTransaction(const std::string& origin, const link::PushView& push,
                                  Transaction& transaction, Result* result);
  // Hands one update to the receiver; what it throws becomes an outcome.
  Outcome Receive(std::string_view json, const UpdateContext& context);
  Outcome OutcomeOfException(const UpdateContext& context, std::string_view what);
  void Tell(const std::string& origin, const link::PushView& push, const Result& result);
  void ApplyWeak(const std::string& origin, const link::PushView& push);
  void Observe(const Node::Applied& applied);

  const std::string domain_;
  const InboxLimits limits_;
  Store& store_;
  UpdateReceiver* const receiver_;
  const Observer observer_;
  WorkerPool& workers_;
  std::atomic<bool> stopping_{false};

  std::mutex mutex_;  // guards what follows
  // An origin is in here as long as a push of it runs, which stays at the front so long.
  std::map<std::string, std::deque<Push>, std::less<>> waiting_;
  // How often the handler of an update threw: by origin the number and the count. Bounded by the origins that
  // push.
  struct Thrown {
    Seq seq{0};
    int tries = 0;
  };
  std::map<std::string, Thrown, std::less<>> thrown_;
};

}  // namespace federation::node
