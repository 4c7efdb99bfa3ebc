#include "https/connector.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include <absl/strings/str_cat.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "https/error_words.h"
#include "https/event_loop_impl.h"

namespace federation::https {
namespace {

// What an address gets before the next one of its host is tried beside it (RFC 8305, section 8).
constexpr std::chrono::milliseconds kAddressHeadStart{250};
// What a host gets before the next one, which may be there for when it is down, for its name and then for its
// last address; and what a server gets that has taken the connection and has yet to prove who it is.
constexpr std::chrono::milliseconds kHostHeadStart{2000};

// What is said of several failures: those that may pass count for more than refusals.
void Add(const absl::Status& failure, absl::Status* all) {
  if (all->ok()) {
    *all = failure;
    return;
  }
  const absl::StatusCode code = absl::IsPermissionDenied(*all) ? failure.code() : all->code();
  *all = absl::Status(code, absl::StrCat(all->message(), "; ", failure.message()));
}

bool IsAddress(const std::string& host) {
  boost::system::error_code no_address;
  asio::ip::make_address(host, no_address);
  return !no_address;
}

}  // namespace

// A candidate that has had its turn.
struct Connector::Place {
  explicit Place(directory::Candidate what) : candidate(std::move(what)) {}

  const directory::Candidate candidate;
  // None as long as the name is being looked up.
  std::optional<absl::StatusOr<std::vector<std::string>>> addresses;
  bool tried = false;
  // The last one of its addresses'.
  absl::Status failure = absl::UnavailableError("the name has no address");
};

// A connection that is being made to one address.
struct Connector::Attempt {
  Attempt(asio::io_context& context, PlacePtr where) : place(std::move(where)), socket(context) {}

  void Close() {
    boost::system::error_code ignored;
    socket.close(ignored);
    if (stream) stream->Close();
  }
  bool shakes_hands() const { return runs && stream != nullptr; }

  const PlacePtr place;
  asio::ip::tcp::endpoint endpoint;
  Socket socket;
  // There is one from the handshake on.
  std::unique_ptr<TlsStream> stream;
  bool runs = true;
};

struct Connector::Race {
  explicit Race(EventLoop& event_loop) : loop(event_loop), wake(event_loop.impl().context) {}

  void End() {
    over = true;
    for (const auto& attempt : attempts) {
      if (attempt != winner) attempt->Close();
    }
    wake.cancel();
  }
  bool any_runs() const {
    return std::any_of(attempts.begin(), attempts.end(), [](const auto& attempt) { return attempt->runs; });
  }
  bool any_shakes_hands() const {
    return std::any_of(attempts.begin(), attempts.end(),
                       [](const auto& attempt) { return attempt->shakes_hands(); });
  }
  bool any_is_looked_up() const {
    return std::any_of(places.begin(), places.end(),
                       [](const PlacePtr& place) { return !place->addresses.has_value(); });
  }

  EventLoop& loop;
  // Something has happened.
  Alarm wake;
  std::vector<PlacePtr> places;
  std::vector<std::shared_ptr<Attempt>> attempts;
  std::shared_ptr<Attempt> winner;
  bool over = false;
};

Connector::Connector(EventLoop& loop, TlsContext tls, const HttpLimits& limits,
                     const directory::AddressPolicy& policy, const Resolvers& resolvers)
    : tls_(std::move(tls)),
      limits_(limits),
      policy_(policy),
      resolvers_(resolvers),
      race_(std::make_shared<Race>(loop)),
      deadline_(loop, [this] {
        timed_out_ = true;
        race_->End();
      }) {}

Connector::~Connector() { race_->End(); }

void Connector::Cancel() {
  cancelled_ = true;
  race_->End();
}

bool Connector::IsDecided() const { return race_->over || race_->winner != nullptr; }

Task<absl::StatusOr<std::unique_ptr<TlsStream>>> Connector::Connect(
    std::vector<directory::Candidate> candidates) {
  const bool is_configured_one = candidates.size() == 1 && !candidates.front().from_outside;
  untried_ = candidates.size();
  deadline_.Set(limits_.connect_timeout);
  for (directory::Candidate& candidate : candidates) {
    if (IsDecided()) break;
    const PlacePtr place = race_->places.emplace_back(std::make_shared<Place>(std::move(candidate)));
    LookUp(place);
    co_await AwaitAddresses(*place, Clock::now() + kHostHeadStart);
    co_await TryKnown();
  }
  co_await AwaitRest();
  race_->End();
  deadline_.Clear();
  co_return Decide(is_configured_one);
}

void Connector::LookUp(const PlacePtr& place) {
  const directory::Candidate& candidate = place->candidate;
  if (IsAddress(candidate.address.host)) {
    place->addresses = std::vector<std::string>{candidate.address.host};
    return;
  }
  NameResolver& names = candidate.from_outside ? resolvers_.from_outside : resolvers_.configured;
  names.Resolve(candidate.address.host,
                [place, race = race_](absl::StatusOr<std::vector<std::string>> found) {
                  place->addresses = std::move(found);
                  race->wake.cancel();
                });
}

Task<void> Connector::AwaitAddresses(const Place& place, Clock::time_point until) {
  while (!IsDecided() && !place.addresses.has_value() && Clock::now() < until) co_await Sleep(until);
}

Task<void> Connector::TryKnown() {
  // From the first one each time: meanwhile a name may have been found that was asked for earlier.
  while (!IsDecided()) {
    const auto next = std::find_if(race_->places.begin(), race_->places.end(), [](const PlacePtr& place) {
      return !place->tried && place->addresses.has_value();
    });
    if (next == race_->places.end()) co_return;
    const PlacePtr place = *next;
    place->tried = true;
    --untried_;
    co_await TryAddressesOf(place);
  }
}

Task<void> Connector::TryAddressesOf(PlacePtr place) {
  const absl::StatusOr<std::vector<std::string>> addresses = AllowedAddressesOf(*place);
  if (!addresses.ok()) {
    place->failure = addresses.status();
    co_return;
  }
  for (std::size_t i = 0; i < addresses->size() && !IsDecided(); ++i) {
    // Further addresses leave room for the first ones of other candidates.
    const std::size_t tried = race_->attempts.size();
    if (tried + (i == 0 ? 0 : untried_) >= limits_.connect_attempts_max) {
      if (i == 0)
        place->failure = absl::UnavailableError(absl::StrCat("not tried, as ", tried, " others were"));
      co_return;
    }
    Start(place, (*addresses)[i]);
    co_await AwaitNext(i + 1 < addresses->size() ? kAddressHeadStart : kHostHeadStart);
  }
}

absl::StatusOr<std::vector<std::string>> Connector::AllowedAddressesOf(const Place& place) const {
  const absl::StatusOr<std::vector<std::string>>& addresses = *place.addresses;
  if (!addresses.ok()) {
    return absl::UnavailableError(
        absl::StrCat("the name cannot be resolved: ", addresses.status().message()));
  }
  // The operator wrote the address itself: it is meant.
  if (!place.candidate.from_outside && IsAddress(place.candidate.address.host)) return addresses;
  std::vector<std::string> allowed;
  absl::Status refused = place.failure;
  for (const std::string& address : *addresses) {
    const absl::Status status = policy_.Check(address);
    if (status.ok()) {
      allowed.push_back(address);
    } else {
      refused = status;
    }
  }
  if (allowed.empty()) return refused;
  return InterleaveFamilies(allowed);
}

void Connector::Start(const PlacePtr& place, const std::string& ip) {
  asio::io_context& context = race_->loop.impl().context;
  const auto attempt = std::make_shared<Attempt>(context, place);
  boost::system::error_code error;
  attempt->endpoint = {asio::ip::make_address(ip, error), place->candidate.address.port};
  race_->attempts.push_back(attempt);
  if (error) {
    attempt->runs = false;
    place->failure = absl::UnavailableError(absl::StrCat("no IP address: ", ip));
    return;
  }
  asio::co_spawn(context, Run(race_, attempt, tls_), asio::detached);
}

Task<void> Connector::Run(std::shared_ptr<Race> race, std::shared_ptr<Attempt> attempt, TlsContext tls) {
  boost::system::error_code error;
  co_await attempt->socket.async_connect(attempt->endpoint, AwaitInto(error));
  if (race->over) co_return;
  absl::Status status = absl::OkStatus();
  if (error) {
    status = absl::UnavailableError(SystemWords(error.value()));
  } else {
    attempt->stream = TlsStream::ForClient(race->loop, std::move(attempt->socket), tls,
                                           attempt->place->candidate.certificate_names);
    status = co_await attempt->stream->Handshake();
  }
  if (race->over) co_return;
  attempt->runs = false;
  if (status.ok()) {
    if (race->winner == nullptr) race->winner = attempt;
  } else {
    attempt->place->failure = std::move(status);
    // A server that refuses our certificate is to see that the connection has ended.
    attempt->Close();
  }
  race->wake.cancel();
}

Task<void> Connector::AwaitNext(std::chrono::milliseconds head_start) {
  const Clock::time_point start = Clock::now();
  const std::shared_ptr<Attempt> last = race_->attempts.back();
  while (!IsDecided() && last->runs) {
    const Clock::time_point due = start + (race_->any_shakes_hands() ? kHostHeadStart : head_start);
    if (Clock::now() >= due) co_return;
    co_await Sleep(due);
  }
}

Task<void> Connector::AwaitRest() {
  while (!IsDecided() && (race_->any_runs() || race_->any_is_looked_up())) {
    co_await Sleep(Clock::time_point::max());
    co_await TryKnown();
  }
}

Task<void> Connector::Sleep(Clock::time_point until) {
  boost::system::error_code woken;
  race_->wake.expires_at(until);
  co_await race_->wake.async_wait(AwaitInto(woken));
}

absl::StatusOr<std::unique_ptr<TlsStream>> Connector::Decide(bool is_configured_one) {
  if (cancelled_) return absl::CancelledError("cancelled");
  if (race_->winner) return std::move(race_->winner->stream);
  if (race_->places.empty()) return absl::UnavailableError("there is no address");
  absl::Status failures;
  for (const PlacePtr& place : race_->places) {
    absl::Status failure = FailureOf(*place);
    // Who configured the one place knows it.
    if (is_configured_one) return failure;
    const std::string where = place->candidate.address.ToString();
    Add(absl::Status(failure.code(), absl::StrCat(where, ": ", failure.message())), &failures);
  }
  return failures;
}

absl::Status Connector::FailureOf(const Place& place) const {
  const bool runs =
      std::any_of(race_->attempts.begin(), race_->attempts.end(),
                  [&place](const auto& attempt) { return attempt->place.get() == &place && attempt->runs; });
  if (timed_out_ && (runs || !place.tried)) {
    return absl::DeadlineExceededError(
        absl::StrCat("no connection within ", limits_.connect_timeout.count(), " ms"));
  }
  return place.failure;
}

}  // namespace federation::https
