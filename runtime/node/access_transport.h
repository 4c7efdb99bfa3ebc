#pragma once

#include <set>
#include <string>
#include <vector>

#include "delivery/surroundings.h"
#include "https/event_loop.h"
#include "node/access.h"
#include "node/addresses.h"

namespace federation::node {

// Lets pushes through to the servers that the node has to do with. To be used on the loop only.
class AccessTransport final : public delivery::Transport {
 public:
  // Borrows all of it.
  AccessTransport(https::EventLoop& loop, const Access& access, const Addresses& addresses,
                  delivery::Transport& inner)
      : loop_(loop), access_(access), addresses_(addresses), inner_(inner) {}

  // Errors, too: not found (the destination is kept out, or the relay that it is reached through).
  void Push(delivery::PushCall call, Done done) override;

  // The destinations that were kept out and are not any more; says each once.
  std::vector<std::string> TakeAllowed();

 private:
  absl::Status Check(const std::string& destination) const;

  https::EventLoop& loop_;
  const Access& access_;
  const Addresses& addresses_;
  delivery::Transport& inner_;
  // Of links, of which there are only so many.
  std::set<std::string> kept_out_;
};

}  // namespace federation::node
