#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/outgoing_fwd.h"
#include "federation/seq.h"

namespace federation {

// Where generated senders put the updates that they have encoded; federation::Node is one. Thread-safe.
class Outgoing {
 public:
  virtual ~Outgoing() = default;

  // Stores a strong update for `destination` and returns its number once it is durable: from then on it is
  // delivered, whatever happens to this process. Blocks for the commit, which many callers share. Errors:
  // invalid argument (no domain, or the node's own; an update that is no JSON object, too large, or nested
  // deeper than kUpdateDepthMax), permission denied (AccessLists keep the destination out), resource
  // exhausted (too many updates wait on that link), failed precondition (called from a handler: use the form
  // with a transaction), unavailable (the store failed; nothing was stored, unless the failure was in
  // telling), internal (the store's file is damaged).
  virtual absl::StatusOr<Seq> SendStrong(std::string_view destination, std::string_view json) = 0;

  // The same as part of `transaction`: it is sent if and only if that commits. Does not block.
  virtual absl::StatusOr<Seq> SendStrong(Transaction& transaction, std::string_view destination,
                                         std::string_view json) = 0;

  // The same without waiting for the commit. Of one thread's calls, those for one destination get their
  // numbers in the order of the calls. An error beyond those of SendStrong: resource exhausted, if too much
  // waits for its commit.
  virtual void SendStrongAsync(std::string_view destination, std::string_view json, SendDone done) = 0;

  // Sends one strong update to many destinations, in one commit: to all of them, or to none. Its bytes are
  // stored once. Returns the numbers, in the order of `destinations`, which name none twice. Errors as
  // SendStrong.
  virtual absl::StatusOr<std::vector<Seq>> SendStrongToAll(std::span<const std::string> destinations,
                                                           std::string_view json) = 0;
  virtual absl::StatusOr<std::vector<Seq>> SendStrongToAll(Transaction& transaction,
                                                           std::span<const std::string> destinations,
                                                           std::string_view json) = 0;

  // Hands over a weak update. It is in memory only, and dropped when it cannot be delivered soon. Does not
  // block. An update with the same `replace_key` that still waits for that destination is dropped, as this
  // one says the same and is newer; an empty key replaces nothing. Where more of them wait for a link than
  // OutboxLimits::weak_updates_max, the oldest are dropped. Errors: invalid argument (as SendStrong; a key
  // that is larger than an update may be), permission denied, resource exhausted (too many were handed over
  // just now, for all destinations).
  virtual absl::Status SendWeak(std::string_view destination, std::string_view json,
                                std::string_view replace_key) = 0;
  // The same for an update that replaces nothing.
  absl::Status SendWeak(std::string_view destination, std::string_view json) {
    return SendWeak(destination, json, {});
  }
};

}  // namespace federation
