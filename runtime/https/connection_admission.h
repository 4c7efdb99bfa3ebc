#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "federation/limits.h"

#include "https/held_bytes.h"

namespace federation::https {

// Which connections a server keeps when more come than it wants, and how much they may hold (HttpLimits).
// Counts only: no I/O. Not thread-safe.
class ConnectionAdmission {
 public:
  // The numbers of connections rise in the order in which they were accepted.
  using Number = std::uint64_t;

  explicit ConnectionAdmission(const HttpLimits& limits);

  // Whether the next connection would find no room.
  bool is_full() const;

  // Another connection begins. Returns the one that has to go for it, and is not counted any more: the oldest
  // of those that have not said who they are.
  std::optional<Number> Begin(Number number, const std::string& address);
  // What those hold together that have not said who they are.
  const std::shared_ptr<PeerHeldBytes>& unidentified_bytes() const { return unidentified_bytes_; }
  // It has shown a certificate. Returns what its peer holds, to be kept no longer than this lives; null if
  // that peer has as many connections as it may have: then it still counts as one that has not said who it
  // is.
  std::shared_ptr<PeerHeldBytes> Identify(Number number, const std::string& peer);
  void End(Number number);

 private:
  struct Connection {
    std::string address;
    // Empty if it has not said who it is.
    std::string peer;
  };
  using Numbers = std::set<Number>;

  struct Peer {
    Numbers connections;
    std::shared_ptr<PeerHeldBytes> held;
  };

  void RemoveUnidentified(const std::string& address, Number number);

  const std::size_t all_max_;
  const std::size_t peer_max_;
  const std::size_t unidentified_max_;
  const std::size_t address_max_;
  std::map<Number, Connection> connections_;
  Numbers unidentified_;
  std::map<std::string, Numbers> unidentified_by_address_;
  std::map<std::string, Peer> peers_;
  HeldBytes held_;
  const std::shared_ptr<PeerHeldBytes> unidentified_bytes_;
};

}  // namespace federation::https
