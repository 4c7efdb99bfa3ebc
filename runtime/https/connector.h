#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/limits.h"

#include "directory/address_policy.h"
#include "directory/candidate.h"
#include "https/deadline.h"
#include "https/event_loop.h"
#include "https/name_resolver.h"
#include "https/net.h"
#include "https/tls.h"
#include "https/tls_stream.h"

namespace federation::https {

// Who looks up the names of candidates; borrowed.
struct Resolvers {
  NameResolver& configured;
  NameResolver& from_outside;
};

// Makes one TLS connection. On the loop only.
class Connector {
 public:
  // Borrows all but the context.
  Connector(EventLoop& loop, TlsContext tls, const HttpLimits& limits, const directory::AddressPolicy& policy,
            const Resolvers& resolvers);
  ~Connector();
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  // Connects to the first of the candidates, in their order, and of the addresses of each that takes a
  // connection and proves to be the server of one of the candidate's names. Does not wait for one to fail
  // before it tries the next one: an address gets a short head start on the next one of its host (RFC 8305,
  // section 5), and a host a longer one on the next host, the time for its name included.
  //
  // To be called once. Errors: permission denied (refused addresses, refused certificates), deadline exceeded
  // (HttpLimits::connect_timeout), cancelled, unavailable. The words say of each candidate that was tried why
  // it was none, with its place unless it is the only one and configured; refusals give the code only if
  // there is nothing else.
  Task<absl::StatusOr<std::unique_ptr<TlsStream>>> Connect(std::vector<directory::Candidate> candidates);
  void Cancel();

 private:
  struct Place;
  struct Attempt;
  struct Race;
  using Clock = std::chrono::steady_clock;
  using PlacePtr = std::shared_ptr<Place>;

  // Asks for the addresses of a place; the answer may come later.
  void LookUp(const PlacePtr& place);
  Task<void> AwaitAddresses(const Place& place, Clock::time_point until);
  // Tries the places whose addresses are known and that were not tried yet.
  Task<void> TryKnown();
  Task<void> TryAddressesOf(PlacePtr place);
  // Those that may be connected to.
  absl::StatusOr<std::vector<std::string>> AllowedAddressesOf(const Place& place) const;
  void Start(const PlacePtr& place, const std::string& ip);
  static Task<void> Run(std::shared_ptr<Race> race, std::shared_ptr<Attempt> attempt, TlsContext tls);
  // Waits until the next attempt is due, or there is a connection, or none will be.
  Task<void> AwaitNext(std::chrono::milliseconds head_start);
  // Waits for what is still on its way.
  Task<void> AwaitRest();
  Task<void> Sleep(Clock::time_point until);
  // Whether nothing more is to be started.
  bool IsDecided() const;
  absl::StatusOr<std::unique_ptr<TlsStream>> Decide(bool is_configured_one);
  // Why it was none.
  absl::Status FailureOf(const Place& place) const;

  TlsContext tls_;
  const HttpLimits& limits_;
  const directory::AddressPolicy& policy_;
  const Resolvers resolvers_;
  // Shared with the coroutines of the attempts, and with lookups, which end later.
  const std::shared_ptr<Race> race_;
  // Candidates that have had no attempt yet.
  std::size_t untried_ = 0;
  Deadline deadline_;
  bool timed_out_ = false;
  bool cancelled_ = false;
};

}  // namespace federation::https
