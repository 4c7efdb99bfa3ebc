#include "process/pair.h"

#include <chrono>
#include <exception>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <stdlib.h>
#include <thread>

#include <fmt/core.h>

#include "support/eventually.h"

namespace federation::process {
namespace {

using namespace std::chrono_literals;

constexpr const char* kDomains[] = {"alpha.test", "bravo.test"};

std::string NewFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "federation-process-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder");
  return name;
}

bool ParseNumber(const std::string& text, std::uint64_t* number) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) return false;
  *number = std::stoull(text);
  return true;
}

}  // namespace

void Sleep(Random& random, std::uint64_t low_ms, std::uint64_t high_ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(random.Between(low_ms, high_ms)));
}

Pair::Pair(std::uint64_t seed) : folder_(NewFolder()) {
  for (std::size_t side = 0; side < kSides; ++side) {
    std::filesystem::create_directories(store_folder(side));
    sides_[side] = std::make_unique<Application>(kDomains[side], File(kDomains[side]), store_folder(side),
                                                 ca_.Issue(kDomains[side]), seed + side);
  }
  for (std::size_t side = 0; side < kSides; ++side) sides_[side]->KnowPeer(*sides_[1 - side]);
}

Pair::~Pair() {
  for (auto& side : sides_) side.reset();
  std::error_code ignored;
  if (violated_) {
    std::cout << "what both sides have left is in " << folder_ << std::endl;
  } else {
    std::filesystem::remove_all(folder_, ignored);
  }
}

std::string Pair::store_folder(std::size_t side) const {
  return folder_ + "/" + std::string(kDomains[side]) + ".store";
}

Traces Pair::TracesOf(std::size_t side) const {
  return {sides_[side]->domain(), sides_[side]->store_path(), sides_[side]->log_path()};
}

void Pair::StartBoth() {
  for (auto& side : sides_) side->Start();
  for (auto& side : sides_) {
    if (!side->WaitUntilItRuns()) throw std::runtime_error(side->domain() + " has ended: " + side->Printed());
  }
}

Pair::Troubled Pair::Choose(Random& random, std::uint64_t loop) {
  const std::uint64_t choice = random.Below(5);
  return {.first = (loop + choice / 4) % kSides, .both = choice == 4};
}

void Pair::Kill(std::size_t side) {
  if (!sides_[side]->IsRunning()) Violate(sides_[side]->domain() + " has ended by itself");
  sides_[side]->Kill();
}

void Pair::WaitUntilItRunsAgain(std::size_t side) {
  if (sides_[side]->IsRunning() && sides_[side]->WaitUntilItRuns()) return;
  sides_[side]->Start();
  if (!sides_[side]->WaitUntilItRuns()) Violate(sides_[side]->domain() + " does not start again");
}

void Pair::WaitUntilItGoesOn(std::size_t side, std::string_view when) {
  Application& application = *sides_[side];
  if (!application.IsRunning()) return Violate(application.domain() + " has ended by itself");
  const std::uint64_t from = application.LogSize();
  const bool goes_on = support::Eventually(
      [&] {
        return application.CountEvents("ack", from) > 0 && application.CountEvents("delivered", from) > 0;
      },
      kLongest);
  if (!goes_on) Violate(fmt::format("{} does not go on {}", application.domain(), when));
}

void Pair::CheckTold() {
  const std::array<std::uint64_t, kSides> from = log_read_;
  // A line that is cut in two by this is in neither part: no harm.
  for (std::size_t side = 0; side < kSides; ++side) log_read_[side] = sides_[side]->LogSize();
  Violate(process::CheckTold(TracesOf(0), from[0], TracesOf(1), from[1]));
}

void Pair::CheckDead(std::size_t side) { Violate(process::CheckDead(TracesOf(side), TracesOf(1 - side))); }

void Pair::Drain() {
  for (auto& side : sides_) side->StopSending();
  const bool drained = support::Eventually([&] { return IsDrained(TracesOf(0), TracesOf(1)); }, 90s);
  if (!drained) Violate("the links do not come to an end");
}

void Pair::CheckPrinted(const Application& side) {
  const std::string printed = side.Printed();
  for (const char* words : {"Sanitizer", "runtime error:", "terminate called"}) {
    const std::size_t at = printed.find(words);
    if (at != std::string::npos) Violate(side.domain() + " has printed: " + printed.substr(at, 2000));
  }
}

void Pair::CheckEnd(const std::set<std::string>& failures) {
  // What was violated before is to be seen as it was.
  if (violated_) return;
  Drain();
  for (auto& side : sides_) {
    if (!side->End()) Violate(side->domain() + " does not end in order");
    CheckPrinted(*side);
  }
  Totals totals[kSides];
  Violate(process::CheckEnd(TracesOf(0), TracesOf(1), failures, &totals[0], &totals[1]));
  for (std::size_t side = 0; side < kSides; ++side) {
    const Totals& total = totals[side];
    std::cout
        << fmt::format(
               "{}: {} updates, {} applied, {} in quarantine, {} asked to come later; callers were told of "
               "{}, and of {} failures",
               kDomains[side], total.updates, total.applied, total.quarantined,
               sides_[1 - side]->CountEvents("later"), total.told_durable, total.told_failed)
        << std::endl;
  }
}

void Pair::Violate(const Violations& violations) {
  for (const std::string& violation : violations) Violate(violation);
}

void Pair::Violate(const std::string& words) {
  violated_ = true;
  std::cout << "VIOLATED: " << words << std::endl;
}

void Pair::KeepStores() {
  for (std::size_t side = 0; side < kSides; ++side) {
    sides_[side]->Kill();
    std::error_code ignored;
    std::filesystem::copy(store_folder(side), store_folder(side) + ".kept", ignored);
  }
}

int RunTest(int argc, char** argv, std::uint64_t loops, const std::function<int(const Options&)>& test) {
  Options options{loops,
                  static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count() /
                                             1'000'000 % 1'000'000)};
  for (int i = 1; i < argc; i += 2) {
    const std::string option = argv[i];
    std::uint64_t* number = option == "--loops"  ? &options.loops
                            : option == "--seed" ? &options.seed
                                                 : nullptr;
    if (number == nullptr || i + 1 == argc || !ParseNumber(argv[i + 1], number)) {
      std::cerr << argv[0] << " [--loops N] [--seed N]\n";
      return 2;
    }
  }
  std::cout << fmt::format("--loops {} --seed {}", options.loops, options.seed) << std::endl;
  try {
    return test(options);
  } catch (const std::exception& error) {
    std::cout << "FAILED: " << error.what() << std::endl;
    return 1;
  }
}

}  // namespace federation::process
