#pragma once

#include <cstdint>

#include <sys/types.h>

namespace federation::bench {

// The processor time that all threads of a process have used, in microseconds.
double ProcessorTime_us(pid_t process);
// The most memory that a process has had at a time, and what it has now, in MiB: its resident set.
double PeakMemory_mib(pid_t process);
double Memory_mib(pid_t process);

}  // namespace federation::bench
