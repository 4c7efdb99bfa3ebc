// Two good nodes that send each other all that can be sent, while one of them is attacked in every way that
// the abuse table knows, and some more, all at once.
//
//   soak SECONDS
//
// Prints a line a minute. Fails if the attacked node's memory or descriptors grow beyond their bounds after
// the warm-up, if a link does not move for 10 s, or if a connection is left over at the end.
#include <algorithm>
#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <signal.h>
#include <string>
#include <thread>
#include <vector>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <sys/resource.h>

#include "abuse/certificates.h"
#include "abuse/hostile_servers.h"
#include "abuse/soak_attacks.h"
#include "abuse/soak_progress.h"
#include "support/eventually.h"
#include "support/process.h"
#include "support/reserved_port.h"
#include "support/temporary_folder.h"

namespace federation::abuse {
namespace {

using namespace std::chrono_literals;

// Beyond the most that it was in the warm-up.
constexpr double kMemoryGrowthMax_mib = 24;
constexpr int kDescriptorsGrowthMax = 64;
// A part of the time, but neither less nor more than this: time-outs of the attacked node have to pass.
constexpr int kWarmUpMin_s = 20;
constexpr int kWarmUpMax_s = 60;
constexpr int kStandstillMax_s = 10;
// Beyond what was open before the attacks, once their connections are closed: a few more of the good peer's.
constexpr int kLeftOverMax = 8;

struct Sample {
  double memory_mib = 0;
  int descriptors = 0;
  Progress alpha;
  Progress bravo;
};

// The resident set of a process.
double Memory_mib(pid_t process) {
  std::ifstream in(absl::StrCat("/proc/", process, "/status"));
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("VmRSS:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
  }
  return 0;
}

int Descriptors(pid_t process) {
  std::error_code ignored;
  const std::filesystem::directory_iterator entries(absl::StrCat("/proc/", process, "/fd"), ignored);
  return static_cast<int>(std::distance(begin(entries), end(entries)));
}

// The two nodes, in processes of their own. Bravo is the one that is attacked.
class Pair {
 public:
  explicit Pair(Certificates& certificates, const DiscoveryOptions& discovery)
      : alpha_(Start(certificates, "alpha.test", alpha_port_, "bravo.test", bravo_port_, {})),
        bravo_(Start(
            certificates, "bravo.test", bravo_port_, "alpha.test", alpha_port_,
            {absl::StrCat(discovery.dns_servers.at(0).port), absl::StrCat(discovery.well_known_port)})) {}

  std::uint16_t attacked_port() const { return bravo_port_.port(); }
  bool AreRunning() { return alpha_->IsRunning() && bravo_->IsRunning(); }
  Sample Look() const {
    return {Memory_mib(bravo_->pid()), Descriptors(bravo_->pid()),
            ReadProgress(folder_.File("alpha.test.progress")),
            ReadProgress(folder_.File("bravo.test.progress"))};
  }
  // Whether both end in order.
  bool End() {
    bool in_order = true;
    for (support::Process* process : {alpha_.get(), bravo_.get()}) {
      process->Signal(SIGTERM);
      const auto ending = process->Wait(60s);
      in_order = in_order && ending && ending->code == 0;
    }
    return in_order;
  }
  // What bravo has to say, for somebody who looks for a reason.
  std::string Errors() const {
    const std::vector<std::string> lines = support::ReadLines(folder_.File("bravo.test.err"));
    std::string text;
    for (std::size_t i = lines.size() < 20 ? 0 : lines.size() - 20; i < lines.size(); ++i)
      text += lines[i] + "\n";
    return text;
  }

 private:
  std::unique_ptr<support::Process> Start(Certificates& certificates, const std::string& domain,
                                          const support::ReservedPort& port, const std::string& peer,
                                          const support::ReservedPort& peer_port,
                                          const std::vector<std::string>& more) {
    const TlsFiles tls = certificates.Of(domain);
    std::vector<std::string> command = {SOAK_NODE_PATH,
                                        domain,
                                        absl::StrCat(port.port()),
                                        peer,
                                        absl::StrCat(peer_port.port()),
                                        folder_.File(""),
                                        tls.certificate,
                                        tls.private_key,
                                        tls.authorities};
    command.insert(command.end(), more.begin(), more.end());
    return std::make_unique<support::Process>(
        command, support::StandardFiles{"/dev/null", "/dev/null", folder_.File(domain + ".err")});
  }

  TemporaryFolder folder_;
  support::ReservedPort alpha_port_;
  support::ReservedPort bravo_port_;
  std::unique_ptr<support::Process> alpha_;
  std::unique_ptr<support::Process> bravo_;
};

// What the samples say.
class Judge {
 public:
  explicit Judge(int seconds) : warm_up_s_(std::clamp(seconds / 3, kWarmUpMin_s, kWarmUpMax_s)) {}

  void Take(int second, const Sample& sample) {
    recent_.push_back(sample);
    if (recent_.size() > kStandstillMax_s) {
      const Sample& earlier = recent_.front();
      if (!sample.alpha.IsBeyond(earlier.alpha) || !sample.bravo.IsBeyond(earlier.bravo)) {
        Fault(absl::StrFormat("a link stood still for %d s at second %d", kStandstillMax_s, second));
      }
      recent_.pop_front();
    }
    if (second <= warm_up_s_) {
      memory_max_mib_ = std::max(memory_max_mib_, sample.memory_mib);
      descriptors_max_ = std::max(descriptors_max_, sample.descriptors);
      return;
    }
    if (sample.memory_mib > memory_max_mib_ + kMemoryGrowthMax_mib) {
      Fault(absl::StrFormat(
          "memory: %.1f MiB at second %d, want at most %.1f MiB more than the %.1f MiB of the warm-up",
          sample.memory_mib, second, kMemoryGrowthMax_mib, memory_max_mib_));
    }
    if (sample.descriptors > descriptors_max_ + kDescriptorsGrowthMax) {
      Fault(absl::StrFormat("descriptors: %d at second %d, want at most %d more than the %d of the warm-up",
                            sample.descriptors, second, kDescriptorsGrowthMax, descriptors_max_));
    }
  }
  // The first ones are said.
  void Fault(const std::string& what) {
    if (faults_++ < 5) std::cout << "FAULT: " << what << std::endl;
  }
  bool found_nothing() const { return faults_ == 0; }
  double warm_up_memory_mib() const { return memory_max_mib_; }
  int warm_up_descriptors() const { return descriptors_max_; }

 private:
  const int warm_up_s_;
  std::deque<Sample> recent_;
  double memory_max_mib_ = 0;
  int descriptors_max_ = 0;
  int faults_ = 0;
};

void PrintLine(int second, const Sample& sample) {
  std::cout << absl::StrFormat("%6d  %8.1f  %5d  %8d %7d %6d  %8d %7d %6d", second, sample.memory_mib,
                               sample.descriptors, sample.alpha.strong, sample.alpha.weak, sample.alpha.calls,
                               sample.bravo.strong, sample.bravo.weak, sample.bravo.calls)
            << std::endl;
}

int Main(int seconds) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  const unsigned seed = std::random_device()();
  std::cout << "seed " << seed
            << "\n     s  bravo/MiB    fds    alpha: strong, weak, calls     bravo: strong, weak, calls\n";
  Certificates certificates;
  HostileServers servers(certificates);
  DiscoveryOptions discovery;
  servers.Attract(&discovery);
  Pair pair(certificates, discovery);
  const bool started = support::Eventually([&pair] {
    const Sample sample = pair.Look();
    return sample.alpha.IsBeyond({}) && sample.bravo.IsBeyond({});
  });
  if (!started) return std::cout << "FAULT: the nodes do not start\n" << pair.Errors(), 1;
  const Sample before = pair.Look();
  PrintLine(0, before);
  Judge judge(seconds);
  SoakAttacks attacks(pair.attacked_port(), certificates, servers, seed);
  auto next = std::chrono::steady_clock::now();
  for (int second = 1; second <= seconds; ++second) {
    std::this_thread::sleep_until(next += 1s);
    if (!pair.AreRunning()) {
      judge.Fault(absl::StrCat("a node has ended at second ", second));
      break;
    }
    const Sample sample = pair.Look();
    judge.Take(second, sample);
    if (second % 60 == 0 || second == seconds) PrintLine(second, sample);
  }
  attacks.Stop();
  servers.BecomeGood();
  const bool closed =
      support::Eventually([&] { return pair.Look().descriptors <= before.descriptors + kLeftOverMax; }, 30s);
  const Sample after = pair.Look();
  if (!closed)
    judge.Fault(absl::StrFormat("%d descriptors are left, %d were open before", after.descriptors,
                                before.descriptors));
  if (after.alpha.strong == before.alpha.strong || after.bravo.strong == before.bravo.strong) {
    judge.Fault("a link did not move at all");
  }
  std::cout << absl::StrFormat(
                   "warm-up: at most %.1f MiB, %d descriptors; after the attacks: %.1f MiB, %d descriptors\n",
                   judge.warm_up_memory_mib(), judge.warm_up_descriptors(), after.memory_mib,
                   after.descriptors)
            << "attacks: " << attacks.Counts() << "\n";
  if (!pair.End()) judge.Fault("a node does not end in order");
  if (!judge.found_nothing()) std::cout << pair.Errors();
  return judge.found_nothing() ? 0 : 1;
}

}  // namespace
}  // namespace federation::abuse

int main(int argc, char** argv) {
  const int seconds = argc == 2 ? std::atoi(argv[1]) : 0;
  if (seconds < 1) {
    std::cerr << "usage: soak SECONDS\n";
    return 2;
  }
  return federation::abuse::Main(seconds);
}
