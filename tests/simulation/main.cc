// Runs seeds of the simulation.
//
//   simulation --seeds FROM:COUNT [--minutes 10] [--threads 2] [--trace] [--stop]
//
// Prints what was violated, how to see it again, and the end of its trace. The exit code is 1 if anything
// was.
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/core.h>

#include "simulation/quiet_log.h"
#include "simulation/simulation.h"

namespace federation::simulation {
namespace {

struct Options {
  std::uint64_t from = 1;
  std::uint64_t count = 100;
  unsigned threads = 1;
  bool trace = false;
  bool stop = false;  // at the first violation
  std::size_t lines = 60;
  Settings settings;
};

std::optional<std::uint64_t> Number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool ParseSeeds(std::string_view text, Options* options) {
  const std::size_t colon = text.find(':');
  const auto from = Number(text.substr(0, colon));
  const auto count = colon == std::string_view::npos ? 1 : Number(text.substr(colon + 1));
  if (!from.has_value() || !count.has_value()) return false;
  options->from = *from;
  options->count = *count;
  return true;
}

std::optional<Options> Parse(const std::vector<std::string_view>& words) {
  Options options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--trace") {
      options.trace = true;
    } else if (words[i] == "--stop") {
      options.stop = true;
    } else if (i + 1 == words.size()) {
      return std::nullopt;
    } else if (words[i] == "--seeds") {
      if (!ParseSeeds(words[++i], &options)) return std::nullopt;
    } else if (const auto number = Number(words[i + 1]); !number.has_value()) {
      return std::nullopt;
    } else if (words[i] == "--minutes") {
      options.settings.minutes = std::chrono::minutes(*number), ++i;
    } else if (words[i] == "--threads") {
      options.threads = static_cast<unsigned>(*number), ++i;
    } else if (words[i] == "--lines") {
      options.lines = *number, ++i;
    } else {
      return std::nullopt;
    }
  }
  return options;
}

// Once more, to read what happened.
void Explain(std::uint64_t seed, const Options& options, const Books::Violation& violation) {
  Settings settings = options.settings;
  settings.trace_lines = options.lines;
  const Result again = Simulation(seed, settings).Run();
  for (const std::string& line : again.trace) std::cout << line << "\n";
  std::cout << fmt::format("seed {}: \"{}\" is violated: {}\n", seed, NameOf(violation.invariant),
                           violation.text)
            << fmt::format("replay: simulation --seeds {}:1 --minutes {} --trace\n", seed,
                           options.settings.minutes.count())
            << std::flush;
}

class Runner {
 public:
  explicit Runner(const Options& options) : options_(options) {}

  int Run() {
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < options_.threads; ++i) threads.emplace_back([this] { Work(); });
    for (std::thread& thread : threads) thread.join();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::cout << fmt::format(
        "{} seeds, {} violated; {} events, {} updates, {} applied, {} pushes; {:.1f} seeds/s\n",
        seeds_.load(), violated_.load(), events_.load(), updates_.load(), applied_.load(), pushes_.load(),
        static_cast<double>(seeds_) / took.count());
    return violated_ == 0 ? 0 : 1;
  }

 private:
  void Work() {
    for (std::uint64_t i = next_++; i < options_.count && !(options_.stop && violated_ > 0); i = next_++) {
      const std::uint64_t seed = options_.from + i;
      const Result result = Simulation(seed, options_.settings).Run();
      ++seeds_;
      events_ += result.events;
      updates_ += result.updates;
      applied_ += result.applied;
      pushes_ += result.pushes;
      const std::lock_guard guard(print_);
      if (result.violation.has_value()) {
        ++violated_;
        Explain(seed, options_, *result.violation);
      }
    }
  }

  const Options options_;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<std::uint64_t> seeds_{0}, violated_{0}, events_{0}, updates_{0}, applied_{0}, pushes_{0};
  std::mutex print_;
};

int Main(const std::vector<std::string_view>& words) {
  const auto options = Parse(words);
  if (!options.has_value()) {
    std::cerr << "simulation --seeds FROM:COUNT [--minutes N] [--threads N] [--lines N] [--trace] [--stop]\n";
    return 2;
  }
  QuietLog();
  if (!options->trace) return Runner(*options).Run();
  Settings settings = options->settings;
  settings.trace_lines = 10'000'000;
  const Result result = Simulation(options->from, settings).Run();
  for (const std::string& line : result.trace) std::cout << line << "\n";
  std::cout << fmt::format("hash {:016x}, {} events\n", result.hash, result.events);
  return result.violation.has_value() ? 1 : 0;
}

}  // namespace
}  // namespace federation::simulation

int main(int argc, char** argv) { return federation::simulation::Main({argv + 1, argv + argc}); }
