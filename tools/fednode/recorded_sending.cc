#include "fednode/recorded_sending.h"

#include <future>
#include <memory>

namespace federation::fednode {

absl::StatusOr<Seq> SendRecorded(Node& node, Store& store, History& history, const std::string& destination,
                                 const std::vector<std::string>& json) {
  Seq last{0};
  const auto committed = std::make_shared<std::promise<absl::Status>>();
  store.Submit(
      [&](Transaction& transaction) -> absl::Status {
        for (const std::string& update : json) {
          const absl::StatusOr<Seq> seq = node.SendStrong(transaction, destination, update);
          if (!seq.ok()) return seq.status();
          const absl::Status status =
              history.RecordSent(transaction, node.domain(), destination, *seq, update);
          if (!status.ok()) return status;
          last = *seq;
        }
        return absl::OkStatus();
      },
      [committed](const absl::Status& status) { committed->set_value(status); });
  const absl::Status status = committed->get_future().get();
  if (!status.ok()) return status;
  return last;
}

}  // namespace federation::fednode
