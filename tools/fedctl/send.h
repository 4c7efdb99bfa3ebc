#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/admin/v1/admin.pb.h"

#include "fedctl/line_reader.h"

namespace federation::fedctl {

// What the node has confirmed to have taken.
struct Accepted {
  std::uint64_t strong = 0;
  std::uint64_t weak = 0;
  // The number of the last strong one.
  std::uint64_t last_seq = 0;

  // `accepted 12 updates: 10 strong, 2 weak, last seq 410`.
  std::string ToString() const;
};

// One call of the admin service's Send.
using SendCall = std::function<absl::StatusOr<admin::v1::SendResponse>(std::vector<std::string> updates)>;

// Sends updates to one destination, in order, and stops at the first that is not taken: everything before it
// is, nothing after it.
class Sender {
 public:
  explicit Sender(SendCall call) : call_(std::move(call)) {}

  // Errors: invalid argument (an update is wrong), what the node says if it cannot take an update, and what
  // the call says if it breaks: then it is not known whether the updates of that call were taken, and the
  // error says so. `name` yields what an update is called in errors, such as `line 7`.
  absl::Status Send(const std::vector<Line>& updates, const std::function<std::string(const Line&)>& name);
  // Sends one update a line until the input ends. Errors also those of LineReader.
  absl::Status SendLines(LineReader& lines);

  const Accepted& accepted() const { return accepted_; }

 private:
  void Count(const admin::v1::SendResponse& response);

  const SendCall call_;
  Accepted accepted_;
};

}  // namespace federation::fedctl
