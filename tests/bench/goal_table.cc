#include "bench/goal_table.h"

#include <algorithm>

#include <fmt/core.h>

namespace federation::bench {
namespace {

// 1234567.8 as 1,234,568.
std::string Grouped(double value, int digits) {
  const std::string text = fmt::format("{:.{}f}", value, digits);
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string grouped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && i < point && (point - i) % 3 == 0) grouped += ',';
    grouped += text[i];
  }
  return grouped;
}

}  // namespace

bool GoalTable::ReportContext(const Context& /*context*/) { return true; }

void GoalTable::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    if (run.run_type != Run::RT_Iteration) continue;
    if (run.error_occurred) {
      fmt::print(stderr, "{}: {}\n", run.benchmark_name(), run.error_message);
      failed_ = true;
      continue;
    }
    for (const auto& [name, counter] : run.counters) {
      values_[run.run_name.function_name][name].push_back(counter.value);
    }
  }
}

int GoalTable::Print(const std::vector<GoalRow>& rows) const {
  fmt::print("{:<66} {:>12} {:>23}  {:>4}  {:<12} {}\n", "", "median", "lowest .. highest", "runs", "goal",
             "met");
  bool all_met = !failed_;
  for (const GoalRow& row : rows) {
    const auto benchmark = values_.find(row.benchmark);
    if (benchmark == values_.end()) continue;
    const auto counter = benchmark->second.find(row.counter);
    if (counter == benchmark->second.end()) continue;
    all_met = PrintRow(row, counter->second) && all_met;
  }
  return all_met ? 0 : 1;
}

bool GoalTable::PrintRow(const GoalRow& row, std::vector<double> values) const {
  std::sort(values.begin(), values.end());
  const double median = values[values.size() / 2];
  const std::string range =
      fmt::format("{} .. {}", Grouped(values.front(), row.digits), Grouped(values.back(), row.digits));
  std::string goal;
  bool met = true;
  if (row.goal == GoalRow::Goal::kAtLeast) {
    goal = fmt::format(">= {}", Grouped(row.wanted, row.digits));
    met = median >= row.wanted;
  } else if (row.goal == GoalRow::Goal::kAtMost) {
    goal = fmt::format("<= {}", Grouped(row.wanted, row.digits));
    met = median <= row.wanted;
  }
  const char* verdict = goal.empty() ? "" : met ? "yes" : "NO";
  fmt::print("{:<66} {:>12} {:>23}  {:>4}  {:<12} {}\n",
             fmt::format("{}{}{}", row.title, *row.unit == '\0' ? "" : ", ", row.unit),
             Grouped(median, row.digits), range, values.size(), goal, verdict);
  return met;
}

}  // namespace federation::bench
