#include "simulation/plan.h"

#include <initializer_list>

namespace federation::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

template <typename Value>
Value Pick(Random& random, std::initializer_list<Value> values) {
  return *(values.begin() + random.Below(values.size()));
}

// Most seeds leave a limit alone, so that the others can be reached.
template <typename Value>
void Change(Random& random, Value& value, std::initializer_list<Value> values) {
  if (random.Chance(0.25)) value = Pick(random, values);
}

// There in `share` of the seeds, then up to `most`, small values as often as great ones.
double Maybe(Random& random, double share, double most) {
  if (!random.Chance(share)) return 0;
  double value = most;
  for (std::uint64_t i = random.Below(4); i > 0; --i) value /= 3;
  return value;
}

OutboxLimits MakeOutbox(Random& random) {
  OutboxLimits limits;
  Change<std::size_t>(random, limits.push_updates_max, {1, 2, 5, 30});
  // So small that commas tell.
  Change<std::size_t>(random, limits.push_bytes_max, {random.Between(100, 300), 600, 4000});
  Change<std::size_t>(random, limits.pushes_in_flight_max, {1, 2, 6});
  Change<std::size_t>(random, limits.bytes_in_flight_max, {500, 3000});
  Change<std::size_t>(random, limits.bytes_in_flight_total_max, {500, 3000});
  Change<std::size_t>(random, limits.ready_bytes_max, {0, 300, 3000});
  Change<std::size_t>(random, limits.ready_bytes_total_max, {200, 3000});
  Change<std::size_t>(random, limits.weak_updates_max, {1, 4});
  Change<std::size_t>(random, limits.weak_bytes_max, {100, 1000});
  Change<milliseconds>(random, limits.weak_age_max, {seconds{1}, seconds{5}});
  limits.backoff_max = Pick<milliseconds>(random, {seconds{10}, seconds{60}, seconds{3600}});
  Change<milliseconds>(random, limits.refused_backoff_min, {seconds{5}});
  Change<milliseconds>(random, limits.wait_max, {seconds{20}, seconds{120}});
  Change<seconds>(random, limits.acked_age_max, {seconds{20}, seconds{120}});
  Change<seconds>(random, limits.waiting_age_max, {seconds{60}, seconds{200}});
  Change<std::uint64_t>(random, limits.waiting_bytes_max, {500, 3000});
  Change<milliseconds>(random, limits.lease, {seconds{5}, seconds{30}, seconds{120}});
  Change<milliseconds>(random, limits.push_timeout, {seconds{5}, seconds{20}});
  return limits;
}

InboxLimits MakeInbox(Random& random) {
  InboxLimits limits;
  Change<std::size_t>(random, limits.push_updates_max, {3, 20});
  Change<std::size_t>(random, limits.queued_pushes_max, {1, 4});
  Change<std::size_t>(random, limits.queued_bytes_max, {500, 4000});
  Change<std::size_t>(random, limits.queued_bytes_total_max, {1000, 8000});
  Change<std::uint64_t>(random, limits.updates_per_second_max, {5, 50});
  Change<int>(random, limits.handler_tries_max, {1, 3});
  Change<milliseconds>(random, limits.transaction_time_max, {milliseconds{1}, milliseconds{50}});
  Change<seconds>(random, limits.wait_when_busy, {seconds{3}});
  return limits;
}

NetworkFaults MakeNetwork(Random& random) {
  NetworkFaults faults;
  faults.latency_max = Pick<Micros>(random, {milliseconds{1}, milliseconds{20}, milliseconds{400}});
  faults.lost = Maybe(random, 0.3, 0.2);
  faults.answer_lost = Maybe(random, 0.3, 0.2);
  faults.late = Maybe(random, 0.3, 0.2);
  faults.silence = Maybe(random, 0.2, 0.05);
  faults.stale = Maybe(random, 0.2, 0.3);
  faults.truncated = Maybe(random, 0.1, 0.02);
  faults.refused = Maybe(random, 0.1, 0.02);
  faults.busy = Maybe(random, 0.2, 0.1);
  faults.too_large = Maybe(random, 0.15, 0.1);
  faults.server_error = Maybe(random, 0.2, 0.1);
  faults.garbage = Maybe(random, 0.1, 0.05);
  return faults;
}

DiskFaults MakeDisk(Random& random) {
  DiskFaults faults;
  faults.commit_max = Pick<Micros>(random, {milliseconds{1}, milliseconds{5}, milliseconds{100}});
  faults.commit_fails = Maybe(random, 0.2, 0.1);
  faults.commit_unknown = Maybe(random, 0.2, 0.1);
  faults.full = Maybe(random, 0.1, 0.1);
  faults.write_fails = Maybe(random, 0.15, 0.03);
  faults.read_fails = Maybe(random, 0.15, 0.05);
  faults.read_slow = Maybe(random, 0.3, 0.3);
  faults.crash = Maybe(random, 0.25, 0.02);
  faults.lease_lost = Maybe(random, 0.15, 0.3);
  return faults;
}

HandlerPlan MakeHandler(Random& random) {
  HandlerPlan plan;
  plan.later = Maybe(random, 0.25, 0.1);
  plan.reject = random.Chance(0.03) ? 0.7 : Maybe(random, 0.3, 0.1);
  plan.throws = Maybe(random, 0.2, 0.05);
  plan.slow = Maybe(random, 0.2, 0.2);
  plan.slow_max = Pick<Micros>(random, {milliseconds{20}, milliseconds{300}, seconds{3}});
  plan.sends = Maybe(random, 0.3, 0.2);
  return plan;
}

Rates MakeRates(Random& random) {
  Rates rates;
  rates.send = Pick(random, {0.03, 0.1, 0.3, 1.0});
  rates.burst = Maybe(random, 0.3, 0.02);
  rates.burst_max = Pick<std::size_t>(random, {10, 60, 300});
  rates.weak = Maybe(random, 0.4, 0.5);
  rates.crash = Maybe(random, 0.4, 0.02);
  rates.cut = Maybe(random, 0.3, 0.01);
  rates.restore = Maybe(random, 0.25, 0.005);
  rates.clock = Maybe(random, 0.2, 0.01);
  rates.pause = Maybe(random, 0.15, 0.02);
  rates.reset = Maybe(random, 0.1, 0.01);
  rates.wake = Maybe(random, 0.15, 0.05);
  rates.replay = Maybe(random, 0.3, 0.05);
  rates.disk_trouble = Maybe(random, 0.15, 0.01);
  return rates;
}

}  // namespace

Plan MakePlan(Random& random) {
  Plan plan;
  // Small ones more often: they are faster, and see most.
  const std::size_t nodes = random.Chance(0.6) ? 2 : 2 + random.Below(6);
  plan.rates = MakeRates(random);
  plan.padding_max = Pick<std::size_t>(random, {0, 0, 100, 700});
  plan.weak_keys = random.Chance(0.5) ? 3 : 0;
  plan.confined = nodes > 2 && random.Chance(0.4);
  const NetworkFaults network = MakeNetwork(random);
  const DiskFaults disk = MakeDisk(random);
  const HandlerPlan handler = MakeHandler(random);
  const OutboxLimits outbox = MakeOutbox(random);
  const InboxLimits inbox = MakeInbox(random);
  const bool with_liar = random.Chance(0.15);
  for (std::size_t i = 0; i < nodes; ++i) {
    NodePlan& node = plan.nodes.emplace_back();
    node.sick = !plan.confined || i == nodes - 1 || (nodes > 3 && random.Chance(0.3));
    node.liar = with_liar && i == nodes - 1;
    node.handler_threads = 1 + random.Below(3);
    if (plan.confined && !node.sick) continue;
    node.outbox = outbox;
    node.inbox = inbox;
    Change<std::size_t>(random, node.store.quarantine_updates_max, {1, 5});
    Change<std::uint64_t>(random, node.store.waiting_updates_max, {10, 200});
    Change<std::size_t>(random, node.store.queued_bytes_max, {300, 3000});
    node.network = network;
    node.disk = disk;
    node.handler = handler;
  }
  return plan;
}

Plan CalmPlan(std::size_t nodes) {
  Plan plan;
  plan.nodes.resize(nodes);
  plan.rates.send = 0.3;
  plan.rates.weak = 0.1;
  return plan;
}

}  // namespace federation::simulation
