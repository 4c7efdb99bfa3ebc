#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace federation::process {

// What the log of one side says in all.
struct SideLog {
  std::unordered_set<std::string> tried;
  std::unordered_map<std::string, std::uint64_t> acked;  // with their numbers
  std::unordered_set<std::string> undone;
  // Failed, and something else was committed by the same process afterwards: so it was not left in SQLite's
  // log for the next process to find.
  std::unordered_set<std::string> failed_for_good;
  std::set<std::string> failure_codes;
  std::uint64_t failures = 0;
  std::unordered_set<std::uint64_t> quiet;
  std::vector<std::uint64_t> applied;
  std::uint64_t delivered = 0;
  std::vector<std::string> errors;
};

// From a byte on.
SideLog ReadSideLog(const std::string& path, std::uint64_t from = 0);

}  // namespace federation::process
