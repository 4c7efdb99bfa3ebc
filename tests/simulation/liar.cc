#include "simulation/liar.h"

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
               [this, scan, reply = std::move(reply)] { reply(Nonsense(scan)); });
}

WireAnswer Liar::Nonsense(const PushOnWire& push) {
  Random& random = world_.random();
  const auto seq = [&]() -> std::uint64_t {
    switch (random.Below(5)) {
      case 0:
        return Value(push.seq);
      case 1:
        return Value(push.seq) + random.Below(5);
      case 2:
        return random.Below(Value(push.seq) + 1);
      case 3:
        return last_said_;
      default:
        return random.Chance(0.03) ? random.Next() >> random.Below(64) : random.Below(50);
    }
  };
  switch (random.Below(8)) {
    case 0:
    case 1:
    case 2:
      last_said_ = seq();
      most_said_ = std::max(most_said_, last_said_);
      return AckOf(link::Answer::Ok(Seq{most_said_}));
    case 3:
    case 4: {
      const std::uint64_t wanted = seq();
      most_said_ = std::max(most_said_, wanted);
      return AckOf(link::Answer::HoleDetected(Seq{wanted}));
    }
    case 5:
      return AckOf(link::Answer::Wait(seconds(random.Below(20))));
    case 6:
      return StatusOnly(static_cast<int>(200 + random.Below(400)));
    default:
      return AckOf(link::Answer::Ok(push.seq));
  }
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
