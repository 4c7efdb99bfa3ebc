#include "bench/process_stats.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <time.h>

#include <fmt/core.h>

namespace federation::bench {
namespace {

double StatusLine_mib(pid_t process, std::string_view name) {
  std::ifstream in(fmt::format("/proc/{}/status", process));
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(name)) return std::strtod(line.c_str() + name.size(), nullptr) / 1024;
  }
  return 0;
}

}  // namespace

double ProcessorTime_us(pid_t process) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) std::abort();
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

double PeakMemory_mib(pid_t process) { return StatusLine_mib(process, "VmHWM:"); }
double Memory_mib(pid_t process) { return StatusLine_mib(process, "VmRSS:"); }

}  // namespace federation::bench
