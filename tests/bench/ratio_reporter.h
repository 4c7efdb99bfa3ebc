#pragma once

#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

namespace federation::bench {

// Prints as usual, and keeps the medians so that they can be set against each other. Absolute times of a
// noisy machine mean little; the ratio of two from the same run does.
class RatioReporter : public benchmark::ConsoleReporter {
 public:
  // What is compared: how long it took, or how much of a processor, which other work on the machine changes
  // less.
  enum class Time { kReal, kProcessor };

  explicit RatioReporter(Time time = Time::kReal) : ConsoleReporter(OO_Tabular), time_(time) {}

  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      if (run.aggregate_name != "median") continue;
      medians_[run.run_name.function_name] =
          time_ == Time::kReal ? run.GetAdjustedRealTime() : run.GetAdjustedCPUTime();
    }
  }

  // One line: how `ours` stands to `peer`, both names of benchmarks. Nothing if one of them did not run.
  void PrintRatio(const std::string& what, const std::string& ours, const std::string& peer) const {
    const auto our_time = medians_.find(ours);
    const auto peer_time = medians_.find(peer);
    if (our_time == medians_.end() || peer_time == medians_.end()) return;
    fmt::print("{:<64} {:>8.3f} of its time\n", what, our_time->second / peer_time->second);
  }

 private:
  Time time_;
  std::map<std::string, double> medians_;
};

}  // namespace federation::bench
