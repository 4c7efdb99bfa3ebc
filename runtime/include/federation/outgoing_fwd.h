#pragma once

#include <functional>

#include <absl/base/config.h>

#include "federation/json/status_fwd.h"
#include "federation/seq.h"

// What generated headers need of federation/outgoing.h: with that and its <absl/status/statusor.h>, whatever
// imports a schema with a sender took a fifth longer to compile. Who calls a sender has included
// federation/node.h, or federation/outgoing.h.
namespace absl {
ABSL_NAMESPACE_BEGIN
template <typename T>
class StatusOr;
ABSL_NAMESPACE_END
}  // namespace absl

namespace federation {

class Outgoing;
class Transaction;

// Called once, with the number of an update that is durable, or with why it is not stored. Must not block: it
// runs on the thread that commits for everybody, or, where an error shows at once, on the caller's before the
// call returns.
using SendDone = std::function<void(const absl::StatusOr<Seq>&)>;

}  // namespace federation
