#include "log/log.h"

#include <memory>

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

namespace federation {

spdlog::logger& Log() {
  // Standard output belongs to the embedder.
  static const std::shared_ptr<spdlog::logger> logger = [] {
    std::shared_ptr<spdlog::logger> registered = spdlog::get("federation");
    if (registered != nullptr) return registered;
    return std::make_shared<spdlog::logger>("federation",
                                            std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>());
  }();
  return *logger;
}

}  // namespace federation
