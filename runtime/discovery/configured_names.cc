#include "discovery/configured_names.h"

#include <utility>
#include <vector>

namespace federation::discovery {

void ConfiguredNames::Resolve(const std::string& name, Done done) {
  using Found = absl::StatusOr<std::vector<std::string>>;
  // The questions end with `dns_`, and so before `system_`.
  dns_.ResolveFromHostsFile(name, [this, name, done = std::move(done)](Found in_file) {
    if (in_file.ok()) return done(std::move(in_file));
    dns_.Resolve(name, [this, name, done](Found found) {
      if (found.ok() || absl::IsDeadlineExceeded(found.status())) return done(std::move(found));
      system_->Resolve(name, done);
    });
  });
}

}  // namespace federation::discovery
