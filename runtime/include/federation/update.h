#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "federation/seq.h"

namespace federation {

class Transaction;

// How an update travels.
enum class Delivery {
  kStrong,  // changes persistent state: numbered, stored, exactly once, in order
  kWeak,    // ephemeral: soon and at most once, or not at all
};

// What a handler says of an update.
class Outcome {
 public:
  enum class Kind { kDone, kLater, kReject };

  // Applied: the handler's writes commit together with the update's number.
  static Outcome Done() { return Outcome(Kind::kDone, std::chrono::seconds{0}, {}); }
  // Cannot be applied now. The handler's writes for this update are undone, and the origin is told to repeat
  // it in `delay` (taken as 1 s at least and an hour at most). A weak update is dropped instead.
  static Outcome Later(std::chrono::seconds delay) { return Outcome(Kind::kLater, delay, {}); }
  // Can never be applied. The handler's writes for this update are undone, its JSON is kept in the quarantine
  // with `reason`, and the link goes on. A weak update is dropped instead.
  static Outcome Reject(std::string reason) {
    return Outcome(Kind::kReject, std::chrono::seconds{0}, std::move(reason));
  }

  Kind kind() const { return kind_; }
  std::chrono::seconds delay() const { return delay_; }
  const std::string& reason() const { return reason_; }

 private:
  Outcome(Kind kind, std::chrono::seconds delay, std::string reason)
      : kind_(kind), delay_(delay), reason_(std::move(reason)) {}

  Kind kind_;
  std::chrono::seconds delay_;
  std::string reason_;
};

// What a handler is told about an update. Valid during the call of the handler only.
struct UpdateContext {
  // The server that it is from: as its certificate proved or, if it came through a relay of
  // RelayOptions::trusted, as that relay says.
  std::string_view origin;
  // The server that it was sent to: the node's own domain.
  std::string_view destination;
  Delivery delivery = Delivery::kWeak;
  // The update's number on the link; Seq{0} for weak updates.
  Seq seq{0};
  // The transaction in which the update's number commits. Writes in it are part of "exactly once". Null for
  // weak updates.
  Transaction* transaction = nullptr;
};

// Takes the JSON of updates, one at a time. Generated code implements it: it decodes the JSON and calls the
// typed handler. Calls for one origin come one after the other; calls for different origins may come from
// several threads. An exception counts as Later; after InboxLimits::handler_tries_max of them in a row the
// update goes to the quarantine. A weak update is dropped.
class UpdateReceiver {
 public:
  virtual ~UpdateReceiver() = default;
  virtual Outcome Receive(std::string_view json, const UpdateContext& context) = 0;
};

}  // namespace federation
