#pragma once

#include <cstddef>
#include <vector>

#include "federation/limits.h"

#include "simulation/random.h"

namespace federation::simulation {

// What goes wrong on the way between two nodes, each as a chance for one push.
struct NetworkFaults {
  Micros latency_min{300};
  Micros latency_max{2000};
  double lost = 0;          // the connection breaks before the push arrives
  double answer_lost = 0;   // it breaks after that
  double late = 0;          // it breaks, and the push arrives all the same, some time later
  double silence = 0;       // nothing arrives any more, and nobody is told
  double stale = 0;         // an idle connection turns out to be closed
  double truncated = 0;     // the server finds the body malformed
  double refused = 0;       // 403
  double busy = 0;          // 429 and 503
  double too_large = 0;     // 413
  double server_error = 0;  // 500
  double garbage = 0;       // 200, and no ack
};

// What goes wrong with a disk, each as a chance for one operation.
struct DiskFaults {
  Micros commit_min{300};
  Micros commit_max{3000};
  double commit_fails = 0;
  double commit_unknown = 0;  // it is reported as failed, and durable
  double full = 0;
  double write_fails = 0;
  double read_fails = 0;
  double read_slow = 0;  // it takes as long as a commit
  double crash = 0;      // the machine dies, before or after the commit
  double lease_lost = 0;
};

// How handlers behave, each as a chance for one update.
struct HandlerPlan {
  double later = 0;
  double reject = 0;
  double throws = 0;
  double slow = 0;
  Micros slow_max{0};
  double sends = 0;  // something that belongs to what it writes
};

struct NodePlan {
  OutboxLimits outbox;
  InboxLimits inbox;
  StoreLimits store;
  std::size_t handler_threads = 1;
  // Says nonsense instead of running the real code.
  bool liar = false;
  bool sick = false;
  NetworkFaults network;
  DiskFaults disk;
  HandlerPlan handler;
};

// How often what happens, in times a second for one node.
struct Rates {
  double send = 0;
  double burst = 0;
  std::size_t burst_max = 0;
  double weak = 0;
  double crash = 0;
  double cut = 0;
  double restore = 0;
  double clock = 0;
  double pause = 0;
  double reset = 0;
  double wake = 0;
  double replay = 0;
  double disk_trouble = 0;
};

// What one seed simulates. Each kind of trouble is there or not, so that some seeds look at one of them
// alone.
struct Plan {
  std::vector<NodePlan> nodes;
  // Only sick nodes have trouble; the others must not notice.
  bool confined = false;
  Rates rates;
  std::size_t padding_max = 0;
  // How many keys of weak updates there are; 0 for none.
  std::uint64_t weak_keys = 0;
};

Plan MakePlan(Random& random);
// Nothing goes wrong, everything is at its default.
Plan CalmPlan(std::size_t nodes);

}  // namespace federation::simulation
