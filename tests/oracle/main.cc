// oracle MESSAGES [SEED]: checks the laws of laws.h on so many random messages. The i-th one follows from
// SEED + i alone, so `oracle 1 SEED` repeats what another run has found.
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <fmt/core.h>
#include <google/protobuf/stubs/logging.h>

#include "oracle/laws.h"

namespace {

constexpr int kFindingsMax = 20;

bool ParseNumber(std::string_view text, std::uint64_t* value) {
  const char* const end = text.data() + text.size();
  return std::from_chars(text.data(), end, *value).ptr == end && !text.empty();
}

void PrintTally(const oracle::Tally& tally) {
  fmt::print("changed documents: {}; both readers accept {} and refuse {}; explained differences:\n",
             tally.documents, tally.both_accept, tally.both_refuse);
  const auto explanations = oracle::Explanations();
  for (std::size_t i = 0; i < explanations.size(); ++i) {
    fmt::print("{:>10}  {}: {}\n", tally.count(i), explanations[i].name, explanations[i].why);
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t messages = 0;
  std::uint64_t seed = 1;
  if (argc < 2 || argc > 3 || !ParseNumber(argv[1], &messages) ||
      (argc == 3 && !ParseNumber(argv[2], &seed))) {
    fmt::print(stderr, "usage: oracle MESSAGES [SEED]\n");
    return 2;
  }
  // The converter complains of each document that it refuses.
  google::protobuf::SetLogHandler(nullptr);
  oracle::Tally tally;
  int findings = 0;
  for (std::uint64_t i = 0; i < messages && findings < kFindingsMax; ++i) {
    if (const auto wrong = oracle::CheckSeed(seed + i, &tally)) {
      ++findings;
      fmt::print("seed {}: {}\n", seed + i, *wrong);
    }
  }
  PrintTally(tally);
  fmt::print("{} messages, {} unexplained\n", messages, findings);
  return findings == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
