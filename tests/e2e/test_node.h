#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "federation/tls_files.h"

#include "support/process.h"
#include "support/reserved_port.h"

namespace federation::e2e {

// What a command printed, and how it ended.
struct Finished {
  support::Ending ending;
  std::string out;
  std::string err;
};

// A row of fednode_history.
struct AppliedRow {
  std::string origin;
  std::uint64_t seq = 0;
  std::string json;
};

// A fednode process, which may be killed and started again with the same store and port. Not thread-safe.
class TestNode {
 public:
  // Keeps its files in `folder`.
  TestNode(std::string domain, const std::string& folder, TlsFiles tls);

  const std::string& domain() const { return domain_; }
  std::uint16_t port() const { return port_.port(); }
  const TlsFiles& tls() const { return tls_; }

  void AddPeer(const std::string& domain, std::uint16_t port);
  // Where the node prints, in place of its file `out`.
  void PrintTo(const std::string& path) { out_ = path; }
  // Options beyond what every node needs.
  void AddOptions(const std::vector<std::string>& options);
  // The command that Start runs.
  std::vector<std::string> Command() const;
  // Starts the process and waits until it is ready. Throws std::runtime_error with its log if it does not get
  // there.
  void Start();
  void Kill() { process_->Kill(); }
  support::Process& process() { return *process_; }

  // Runs fedctl for this node, with `input` as its standard input, to its end.
  Finished Fedctl(std::vector<std::string> arguments, const std::string& input = "");
  // Starts fedctl; it writes to this node's files NAME.out and NAME.err.
  std::unique_ptr<support::Process> StartFedctl(std::vector<std::string> arguments, const std::string& name,
                                                const std::string& input_path = "/dev/null");

  // What the store says, whether the node runs or not.
  std::vector<AppliedRow> Applied(const std::string& origin) const;
  std::uint64_t CountApplied(const std::string& origin) const;
  std::uint64_t Assigned(const std::string& destination) const;
  std::uint64_t Acked(const std::string& destination) const;
  std::uint64_t CountQuarantined(const std::string& origin) const;

  // What the node has printed in all its lives.
  std::vector<std::string> Printed() const { return support::ReadLines(out_); }
  std::string Log() const { return support::ReadFile(File("err")); }
  // The node's file with this ending.
  std::string File(const std::string& ending) const;

 private:
  std::vector<std::vector<std::string>> Query(const std::string& sql) const;
  std::uint64_t QueryNumber(const std::string& sql) const;

  const std::string domain_;
  const std::string folder_;
  const TlsFiles tls_;
  support::ReservedPort port_;
  std::string out_;
  std::vector<std::string> options_;
  std::unique_ptr<support::Process> process_;
  int commands_ = 0;
};

// Runs a program to its end, with its files in `folder`.
Finished RunToEnd(const std::vector<std::string>& command, const std::string& folder);

}  // namespace federation::e2e
