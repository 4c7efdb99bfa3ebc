#include "fednode/metrics/collector.h"

namespace federation::fednode {

Moment SystemNow() { return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()}; }

Collector::Families Collector::Collect() const {
  const std::lock_guard guard(mutex_);
  const Moment now = clock_();
  if (!looked_at_ || now.steady - *looked_at_ >= kCacheAge) {
    families_ = look_(now);
    looked_at_ = now.steady;
  }
  return families_;
}

}  // namespace federation::fednode
