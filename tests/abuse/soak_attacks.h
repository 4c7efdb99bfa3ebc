#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "abuse/certificates.h"
#include "abuse/hostile_servers.h"
#include "abuse/table.h"

namespace federation::abuse {

// Attacks on the server of bravo.test at a port of 127.0.0.1, all at the same time, each on threads of its
// own, from the making of this to Stop. What becomes of them is not looked at.
class SoakAttacks {
 public:
  // Borrows the rest. `servers`: those that the attacked node asks where others are.
  SoakAttacks(std::uint16_t port, Certificates& certificates, HostileServers& servers, unsigned seed);
  ~SoakAttacks() { Stop(); }

  void Stop();
  // How often each attack was made, in words.
  std::string Counts() const;

 private:
  using Random = std::mt19937;
  struct Attack {
    std::string name;
    std::atomic<std::uint64_t> count{0};
  };
  // Repeats `once` on so many threads; after each time it waits so long.
  void Start(const std::string& name, int threads, std::chrono::milliseconds pause,
             const std::function<void(Random&)>& once);
  // Threads that attack as they like until stop_.
  void StartRows(int threads);
  void StartHostileServers();
  void StartHeldConnections();
  void StartPeers();

  const std::uint16_t port_;
  Certificates& certificates_;
  Certificates strangers_;  // of an authority that nobody trusts
  HostileServers& servers_;
  const unsigned seed_;
  std::vector<AbuseRow> client_rows_;
  std::vector<AbuseRow> server_rows_;
  std::atomic<bool> stop_{false};
  std::vector<std::unique_ptr<Attack>> attacks_;
  std::vector<std::thread> threads_;
};

}  // namespace federation::abuse
