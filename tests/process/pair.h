#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "process/application.h"
#include "process/checker.h"
#include "support/temporary_folder.h"
#include "support/test_ca.h"

namespace federation::process {

// Choices that follow from a seed alone; when a process is killed still depends on the machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t Below(std::uint64_t bound) { return engine_() % bound; }
  std::uint64_t Between(std::uint64_t low, std::uint64_t high) { return low + Below(high - low + 1); }
  bool OneIn(std::uint64_t n) { return Below(n) == 0; }

 private:
  std::mt19937_64 engine_;
};

// For a time between the two.
void Sleep(Random& random, std::uint64_t low_ms, std::uint64_t high_ms);

// How long what must come may take, on a machine that has other things to do.
inline constexpr std::chrono::seconds kLongest{60};

// Two applications that send to each other, in a folder that stays if something was violated. Throws
// std::runtime_error where a test could not go on. Not thread-safe.
class Pair {
 public:
  // Stores are in folders of their own: what store_folder(side) says.
  explicit Pair(std::uint64_t seed);
  ~Pair();
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  static constexpr std::size_t kSides = 2;
  Application& operator[](std::size_t side) { return *sides_[side]; }
  std::string store_folder(std::size_t side) const;
  // A file beside those of both sides.
  std::string File(const std::string& name) const { return folder_ + "/" + name; }

  // Which side a loop brings trouble to, and whether to the other one too.
  struct Troubled {
    std::size_t first = 0;
    bool both = false;
  };
  static Troubled Choose(Random& random, std::uint64_t loop);

  void StartBoth();
  // Kills a side that is at work.
  void Kill(std::size_t side);
  // Waits until a side runs, which has been started or not: it may have found that it cannot, and ended.
  void WaitUntilItRunsAgain(std::size_t side);
  // Waits until callers are told of new notes that they are durable, and the peer confirms new ones. `when`
  // is for the words if they are not.
  void WaitUntilItGoesOn(std::size_t side, std::string_view when);
  // What both were told since the last call.
  void CheckTold();
  // A side that does not run, and the other one.
  void CheckDead(std::size_t side);
  // Lets everything arrive, ends both, and looks at what they have left. `failures` as CheckEnd. Prints what
  // it finds.
  void CheckEnd(const std::set<std::string>& failures);
  // Notes what must not be.
  void Violate(const std::string& words);
  bool IsViolated() const { return violated_; }
  // Kills both and copies the stores to where they stay, for who has them on disks that do not.
  void KeepStores();

 private:
  Traces TracesOf(std::size_t side) const;
  void Violate(const Violations& violations);
  void Drain();
  // What a sanitizer has found, also in a life that was killed.
  void CheckPrinted(const Application& side);

  std::string folder_;
  support::TestCa ca_;
  std::array<std::unique_ptr<Application>, kSides> sides_;
  std::array<std::uint64_t, kSides> log_read_{};  // so far, by CheckTold
  bool violated_ = false;
};

// What the command line says: --loops N, --seed N.
struct Options {
  std::uint64_t loops = 0;
  std::uint64_t seed = 0;
};

// The exit code of a test that cannot run here.
inline constexpr int kSkipped = 77;

// Reads the command line, prints what is run, runs it, and returns the exit code. `test` throws, or says so
// to the pair, if it fails.
int RunTest(int argc, char** argv, std::uint64_t loops, const std::function<int(const Options&)>& test);

}  // namespace federation::process
