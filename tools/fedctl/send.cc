#include "fedctl/send.h"

#include <span>
#include <utility>

#include <fmt/format.h>

namespace federation::fedctl {
namespace {

std::vector<std::string> Texts(std::span<const Line> lines) {
  std::vector<std::string> texts;
  texts.reserve(lines.size());
  for (const Line& line : lines) texts.push_back(line.text);
  return texts;
}

absl::Status NotConfirmed(const absl::Status& status, const std::string& first, const std::string& last) {
  std::string which = first == last ? first : fmt::format("{} to {}", first, last);
  return absl::Status(status.code(), fmt::format("{}: not confirmed; the node may have taken them or not: {}",
                                                 which, std::string(status.message())));
}

std::string LineName(const Line& line) { return fmt::format("line {}", line.number); }

}  // namespace

std::string Accepted::ToString() const {
  std::uint64_t all = strong + weak;
  std::string text =
      fmt::format("accepted {} update{}: {} strong, {} weak", all, all == 1 ? "" : "s", strong, weak);
  if (strong > 0) text += fmt::format(", last seq {}", last_seq);
  return text;
}

absl::Status Sender::Send(const std::vector<Line>& updates,
                          const std::function<std::string(const Line&)>& name) {
  std::span<const Line> rest(updates);
  absl::Status failure;
  while (!rest.empty()) {
    absl::StatusOr<admin::v1::SendResponse> response = call_(Texts(rest));
    if (!response.ok()) return NotConfirmed(response.status(), name(rest.front()), name(rest.back()));
    Count(*response);
    if (!response->has_failure()) return failure;
    const admin::v1::SendFailure& why = response->failure();
    std::size_t index = why.index();
    if (index >= rest.size()) return absl::InternalError("the node names an update that it was not sent");
    std::string text = fmt::format("{}: {}", name(rest[index]), why.message());
    if (!why.invalid()) return absl::UnavailableError(text);
    // Nothing was taken: what stands before the wrong one goes again, without it.
    failure = absl::InvalidArgumentError(text);
    rest = rest.first(index);
  }
  return failure;
}

absl::Status Sender::SendLines(LineReader& lines) {
  while (true) {
    absl::StatusOr<std::vector<Line>> batch = lines.NextBatch();
    if (!batch.ok()) return batch.status();
    if (batch->empty()) return absl::OkStatus();
    absl::Status status = Send(*batch, LineName);
    if (!status.ok()) return status;
  }
}

void Sender::Count(const admin::v1::SendResponse& response) {
  for (std::uint64_t seq : response.seqs()) {
    if (seq == 0) {
      ++accepted_.weak;
    } else {
      ++accepted_.strong;
      accepted_.last_seq = seq;
    }
  }
}

}  // namespace federation::fedctl
