#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace federation::process {

// Where one side has left its traces.
struct Traces {
  std::string domain;
  std::string store_path;
  std::string log_path;
};

// What was found, for people; the first ones of many.
using Violations = std::vector<std::string>;

// What is known of one direction in the end.
struct Totals {
  std::uint64_t updates = 0;
  std::uint64_t applied = 0;
  std::uint64_t quarantined = 0;
  std::uint64_t told_durable = 0;  // to a caller, as the log says
  std::uint64_t told_failed = 0;
};

// A side that does not run, as it was left, and the other one, which may run: whether what the dead one has
// on its disk belongs together, and whether any side knows of what the other one does not have. Changes
// nothing.
Violations CheckDead(const Traces& dead, const Traces& other);

// Both sides, whether they run or not: whether what each of them was told, as its log says from a byte on, is
// so. Cheap.
Violations CheckTold(const Traces& a, std::uint64_t a_log_from, const Traces& b, std::uint64_t b_log_from);

// Both sides, when everything is delivered and both have ended. `failures` are the codes that callers may
// have been told.
Violations CheckEnd(const Traces& a, const Traces& b, const std::set<std::string>& failures, Totals* a_to_b,
                    Totals* b_to_a);

// Whether all notes have arrived, and both sides have saved that they were confirmed. To be asked when none
// of them sends any more, except for answers; they may run.
bool IsDrained(const Traces& a, const Traces& b);

}  // namespace federation::process
