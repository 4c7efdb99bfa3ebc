#pragma once

#include <vector>

#include <absl/status/status.h>

#include "fednode/options.h"

namespace federation::fednode {

// Whether what each domain has of its own is there for each. Errors: invalid argument that names the option.
absl::Status CheckDomains(const Options& options);

// The options of the node of each domain, in their order: what stands once holds for all of them, but where
// it is about the domain itself. Options::more_domains is empty in each.
std::vector<Options> OptionsOfEach(const Options& options);

}  // namespace federation::fednode
