#pragma once

#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

namespace federation::bench {

// A line of the table: a counter of a benchmark, and what is wanted of it.
struct GoalRow {
  enum class Goal { kNone, kAtLeast, kAtMost };

  const char* title;
  const char* benchmark;
  const char* counter;
  // How many digits behind the point, and the unit.
  int digits;
  const char* unit;
  Goal goal = Goal::kNone;
  double wanted = 0;
};

// Keeps the counters of all runs, and sets their medians against the goals. The runs themselves are not
// printed: a row says where its median comes from.
class GoalTable : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;

  // Rows of benchmarks that did not run are left out. Returns the program's exit code: 0 if all goals are
  // met, 1 if one is missed, or a benchmark failed.
  [[nodiscard]] int Print(const std::vector<GoalRow>& rows) const;

 private:
  bool PrintRow(const GoalRow& row, std::vector<double> values) const;

  // By benchmark and counter.
  std::map<std::string, std::map<std::string, std::vector<double>>> values_;
  bool failed_ = false;
};

}  // namespace federation::bench
