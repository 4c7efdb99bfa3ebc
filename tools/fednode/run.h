#pragma once

#include <absl/status/status.h>

#include "fednode/options.h"

namespace federation::fednode {

// Runs the nodes of all domains until SIGTERM or SIGINT arrives: it takes no more then, finishes what runs,
// and returns. A second signal ends the process at once. To be called once, before the process has other
// threads: it sets signal masks, the umask and the log. Errors: invalid argument (an option does not fit),
// and what the store, the network, the admin socket or the metrics say.
absl::Status Run(const Options& options);

}  // namespace federation::fednode
