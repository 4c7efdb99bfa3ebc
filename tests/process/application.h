#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "federation/tls_files.h"

#include "support/process.h"
#include "support/reserved_port.h"

namespace federation::process {

// A process_node, which may be killed and started again with the same store and port. Not thread-safe.
class Application {
 public:
  // Keeps its files in `folder`, which is created, and its store in `store_folder`, which is there.
  Application(std::string domain, std::string folder, const std::string& store_folder, TlsFiles tls,
              std::uint64_t seed);

  // Before the first start. Borrows the peer.
  void KnowPeer(const Application& peer) { peer_ = &peer; }
  // Words before the command.
  void PrefixWith(std::vector<std::string> prefix) { prefix_ = std::move(prefix); }
  // Between two notes of one of its threads.
  void PauseFor(std::chrono::microseconds pause) { pause_ = pause; }

  void Start();
  // Whether it has come to run since the latest Start; false if it ended before. Throws std::runtime_error if
  // it does neither.
  bool WaitUntilItRuns();
  bool IsRunning() { return process_ != nullptr && process_->IsRunning(); }
  void Kill() { process_->Kill(); }
  // Sends no more notes of its own.
  void StopSending();
  // Ends it in order; false if it does not end so.
  bool End();

  // How long its log is, and how many lines from there on begin with `word`.
  std::uint64_t LogSize() const;
  std::uint64_t CountEvents(const std::string& word, std::uint64_t from = 0) const;

  const std::string& domain() const { return domain_; }
  const std::string& store_path() const { return store_path_; }
  std::string log_path() const { return folder_ + "/log"; }
  // What it has printed in all its lives.
  std::string Printed() const { return support::ReadFile(folder_ + "/err"); }

 private:
  // Of the present life.
  bool HasEvent(const std::string& event) const;

  const std::string domain_;
  const std::string folder_;
  const std::string store_path_;
  const TlsFiles tls_;
  const std::uint64_t seed_;
  support::ReservedPort port_;
  const Application* peer_ = nullptr;
  std::vector<std::string> prefix_;
  std::chrono::microseconds pause_{0};
  std::uint64_t life_ = 0;
  std::uint64_t log_size_at_start_ = 0;
  std::unique_ptr<support::Process> process_;
};

}  // namespace federation::process
