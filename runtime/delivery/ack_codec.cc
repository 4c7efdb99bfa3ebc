#include "delivery/ack_codec.h"

#include <algorithm>

#include "federation/json/codec.h"
#include "federation/v1/push.federation.h"

namespace federation::delivery {

std::string FormatAnswer(const link::Answer& answer) {
  // Each push is answered: what was made for the last one is good for this one.
  thread_local v1::Ack ack;
  switch (answer.kind) {
    case link::Answer::Kind::kOk:
      ack.mutable_ok()->set_seq(Value(answer.seq));
      break;
    case link::Answer::Kind::kHoleDetected:
      ack.mutable_hole_detected()->set_seq(Value(answer.seq));
      break;
    case link::Answer::Kind::kWait:
      ack.mutable_wait()->set_wait(
          static_cast<std::uint64_t>(std::max<std::int64_t>(answer.wait.count(), 1)));
      break;
  }
  std::string json;
  const absl::Status status = json::Encode(ack, &json);
  (void)status;  // fails for strings that are not UTF-8 only, and an ack has none
  return json;
}

absl::StatusOr<link::Answer> ParseAnswer(std::string_view json) {
  v1::Ack ack;
  absl::Status status = json::Decode(json, &ack);
  if (!status.ok()) return status;
  switch (ack.ack_case()) {
    case v1::Ack::kOk:
      if (!ack.ok().has_seq()) break;
      return link::Answer::Ok(Seq{ack.ok().seq()});
    case v1::Ack::kHoleDetected:
      if (!ack.hole_detected().has_seq()) break;
      return link::Answer::HoleDetected(Seq{ack.hole_detected().seq()});
    case v1::Ack::kWait: {
      // Longer than a link ever waits, and small enough to be counted with.
      constexpr std::uint64_t kWaitMax_s = 1'000'000;
      return link::Answer::Wait(std::chrono::seconds(std::min(ack.wait().wait(), kWaitMax_s)));
    }
    case v1::Ack::ACK_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("want an ack with the key \"seq\", got none");
}

}  // namespace federation::delivery
