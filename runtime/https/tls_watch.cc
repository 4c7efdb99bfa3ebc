#include "https/tls_watch.h"

#include <string>

#include "log/log.h"

namespace federation::https {

void TlsWatch::Start(std::chrono::milliseconds interval) {
  timer_.Set(interval, [this, interval] {
    Look();
    Start(interval);
  });
}

void TlsWatch::Look() {
  const absl::StatusOr<bool> reloaded = tls_->ReloadIfChanged();
  if (!reloaded.ok()) {
    Log().error("the TLS files have changed and cannot be used, the old ones stay: {}",
                std::string(reloaded.status().message()));
  } else if (*reloaded) {
    Log().info("the TLS files have changed: new connections use them");
  }
}

}  // namespace federation::https
