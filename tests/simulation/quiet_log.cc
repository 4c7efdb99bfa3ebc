#include "simulation/quiet_log.h"

#include <memory>

#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

namespace federation::simulation {

void QuietLog() {
  if (spdlog::get("federation") != nullptr) return;
  auto logger =
      std::make_shared<spdlog::logger>("federation", std::make_shared<spdlog::sinks::null_sink_mt>());
  logger->set_level(spdlog::level::off);
  spdlog::register_logger(std::move(logger));
}

}  // namespace federation::simulation
