#pragma once

#include <map>
#include <string>
#include <vector>

namespace federation {

// Updates that take the way through a third server: of a domain whose own server cannot be reached, say, or
// should not be seen. The relay hands on each push and the destination's own answer to it, and keeps neither:
// what an answer promises is promised by the destination, and an update waits at its origin until then.
//
// The relay sees what it hands on, unless there is a Protection, which holds from end to end. Requests take
// no such way.
struct RelayOptions {
  // By destination, the domain whose server its updates are handed to. That one has to serve the destination
  // for this node; where it is, NodeOptions::peers says, or discovery. Calls to such a destination are
  // refused as unimplemented.
  std::map<std::string, std::string, std::less<>> via{};
  // By destination, the origins whose updates this node hands on to it: patterns as in AccessLists. The
  // destination, or what `via` names for it, has to trust this node for them.
  std::map<std::string, std::vector<std::string>, std::less<>> serves{};
  // By the domain of a relay, the origins whose updates it may bring to this node, or through it: patterns as
  // in AccessLists. Whether they are those origins' own is the relay's word alone.
  std::map<std::string, std::vector<std::string>, std::less<>> trusted{};
};

}  // namespace federation
