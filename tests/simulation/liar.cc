#include "simulation/liar.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

namespace federation::simulation {

using std::chrono::seconds;

Liar::Liar(World& world, Network& network, const Plan& plan, NodeId id)
    : world_(world), network_(network), plan_(plan), id_(id) {}

void Liar::Start() {
  life_ = world_.NewLife();
  network_.Up(id_, life_, this);
  PushLater();
}

void Liar::OnPush(delivery::InboundPush push, std::function<void(const WireAnswer&)> reply) {
  const PushOnWire scan = ScanPush(push.body, id_);
  if (healed_) return reply(AckOf(link::Answer::Wait(std::chrono::hours{1})));
  // Sometimes never.
  if (world_.random().Chance(0.05)) return;
  // Some are quick to answer.
  const Micros longest = id_ % 2 == 0 ? Micros{seconds{1}} : Micros{5000};
  world_.After(world_.random().Between(Micros{0}, longest), life_,
               [this, scan, reply = std::move(reply)] { reply(Say(NextLie(), scan)); });
}

Liar::Lie Liar::NewLie() {
  Random& random = world_.random();
  switch (random.Below(8)) {
    case 0:
      return {Lie::Kind::kWait, Lie::Base::kZero, static_cast<std::int64_t>(random.Below(20))};
    case 1:
      return {Lie::Kind::kStatus, Lie::Base::kZero, static_cast<std::int64_t>(200 + random.Below(400))};
    case 2:
      return {Lie::Kind::kOk, Lie::Base::kLast, 0};
    default:
      break;
  }
  Lie lie;
  lie.kind = random.Chance(0.6) ? Lie::Kind::kOk : Lie::Kind::kHole;
  lie.base = static_cast<Lie::Base>(random.Below(4));
  if (lie.base == Lie::Base::kZero) {
    lie.number = static_cast<std::int64_t>(random.Chance(0.03) ? random.Next() >> (1 + random.Below(63))
                                                               : random.Below(50));
  } else if (random.Chance(0.5)) {
    lie.number = static_cast<std::int64_t>(random.Below(10)) - 5;
  }
  return lie;
}

Liar::Lie Liar::NextLie() {
  Random& random = world_.random();
  if (world_.now() >= habit_end_) {
    habit_.clear();
    turn_ = 0;
    habit_end_ = world_.now() + random.Between(Micros{0}, Micros{seconds{120}});
    for (std::uint64_t lies = random.Below(4); lies > 0; --lies) habit_.push_back(NewLie());
  }
  return habit_.empty() ? NewLie() : habit_[turn_++ % habit_.size()];
}

WireAnswer Liar::Say(const Lie& lie, const PushOnWire& push) {
  if (lie.kind == Lie::Kind::kWait) return AckOf(link::Answer::Wait(seconds(lie.number)));
  if (lie.kind == Lie::Kind::kStatus) return StatusOnly(static_cast<int>(lie.number));
  std::uint64_t base = 0;
  switch (lie.base) {
    case Lie::Base::kZero:
      break;
    case Lie::Base::kFirst:
      base = Value(push.seq) - push.strong + 1;
      break;
    case Lie::Base::kLast:
      base = Value(push.seq);
      break;
    case Lie::Base::kSaidBefore:
      base = last_said_;
      break;
  }
  last_said_ = lie.number < 0 ? base - std::min(base, static_cast<std::uint64_t>(-lie.number))
                              : base + static_cast<std::uint64_t>(lie.number);
  return AckOf(lie.kind == Lie::Kind::kOk ? link::Answer::Ok(Seq{last_said_})
                                          : link::Answer::HoleDetected(Seq{last_said_}));
}

std::string Liar::NonsensePush() {
  Random& random = world_.random();
  std::string strong;
  const std::uint64_t count = random.Below(random.Chance(0.1) ? 200 : 5);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i > 0) strong += ',';
    strong += random.Chance(0.1)
                  ? R"({"update":"expired"})"
                  : fmt::format(R"({{"update":"strong","id":{}}})", (1U << 30U) + random.Below(9));
  }
  std::uint64_t seq = last_sent_ + count;
  if (random.Chance(0.3)) seq = random.Below(40);
  if (random.Chance(0.05)) seq = random.Next() >> random.Below(64);
  if (random.Chance(0.7)) last_sent_ = seq;
  std::string body = fmt::format(R"({{"weak":[{}],"strong":[{}],"seq":{}}})",
                                 random.Chance(0.2) ? R"({"update":"weak","id":1})" : "", strong, seq);
  if (random.Chance(0.1)) body.resize(random.Below(body.size()));
  return body;
}

void Liar::PushLater() {
  world_.After(world_.random().Between(Micros{0}, Micros{seconds{10}}), life_, [this] {
    if (healed_) return;
    PushLater();
    const NodeId to = world_.random().Below(plan_.nodes.size() - 1);
    network_.Push(id_, {DomainOf(to), NonsensePush(), seconds{60}}, [](const auto&) {});
  });
}

}  // namespace federation::simulation
