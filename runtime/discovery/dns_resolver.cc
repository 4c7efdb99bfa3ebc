#include "discovery/dns_resolver.h"

#include <algorithm>
#include <set>
#include <utility>

#include <absl/strings/str_cat.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "discovery/ares_channel.h"
#include "discovery/srv_answer.h"
#include "https/event_loop_impl.h"

namespace federation::discovery {
namespace {

std::string AddressText(const sockaddr& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.sa_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof(text));
  } else if (address.sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, text, sizeof(text));
  }
  return text;
}

using Addresses = std::vector<std::string>;

// Those of one family, or of any (AF_UNSPEC).
absl::StatusOr<Addresses> AddressesOf(const ares_addrinfo* found, int family) {
  Addresses addresses;
  const ares_addrinfo_node* node = found == nullptr ? nullptr : found->nodes;
  for (; node != nullptr && addresses.size() < DnsResolver::kAddressesMax; node = node->ai_next) {
    // To the text of an IPv4 address c-ares says that address, whatever it is asked for.
    if (family != AF_UNSPEC && node->ai_family != family) continue;
    if (std::string text = AddressText(*node->ai_addr); !text.empty()) addresses.push_back(std::move(text));
  }
  if (addresses.empty()) return absl::NotFoundError("the name has no address");
  return addresses;
}

}  // namespace

struct DnsResolver::Impl {
  // One question. c-ares holds a plain pointer to it, from the asking to the callback; the channel is not its
  // own, as the end of a channel is what calls the last callback.
  template <typename T>
  struct Question {
    std::weak_ptr<Impl> impl;
    std::weak_ptr<AresChannel> channel;
    std::function<void(absl::StatusOr<T>)> done;
    // The one that is asked for.
    int family = AF_UNSPEC;
  };

  // Both questions for the addresses of a name. Theirs.
  struct Lookup {
    explicit Lookup(https::EventLoop& loop) : delay(loop) {}

    FamilyAnswers answers;
    // Null when it has been called.
    AllDone done;
    bool wants_all = false;
    https::EventLoop::Timer delay;
    std::weak_ptr<AresChannel> channels[2];
  };

  // Opens a channel, and has `ask` ask over it. `done` is called from the loop.
  template <typename T, typename Ask>
  static std::weak_ptr<AresChannel> Start(const std::shared_ptr<Impl>& impl, const char* lookups,
                                          std::function<void(absl::StatusOr<T>)> done, Ask ask);
  static std::weak_ptr<AresChannel> AskForAddresses(const std::shared_ptr<Impl>& impl, const char* lookups,
                                                    const std::string& name, int family, Done done);
  static void AskForBoth(const std::shared_ptr<Impl>& impl, const std::string& name, bool wants_all,
                         AllDone done);
  void Take(const std::shared_ptr<Lookup>& lookup, Family family, absl::StatusOr<Addresses> answer);
  void End(Lookup& lookup);
  // What a callback of c-ares does in the end. The channel goes later: c-ares is still inside of it.
  template <typename T>
  static void Finish(Question<T>* question, absl::StatusOr<T> answer);

  https::EventLoop& loop;
  const DnsOptions options;
  std::set<std::shared_ptr<AresChannel>> channels;
};

template <typename T, typename Ask>
std::weak_ptr<AresChannel> DnsResolver::Impl::Start(const std::shared_ptr<Impl>& impl, const char* lookups,
                                                    std::function<void(absl::StatusOr<T>)> done, Ask ask) {
  auto channel = std::make_shared<AresChannel>(impl->loop);
  auto* question = new Question<T>{impl, channel, std::move(done)};
  if (absl::Status opened = channel->Open(impl->options, lookups); !opened.ok()) {
    Finish<T>(question, opened);
    return {};
  }
  impl->channels.insert(channel);
  ask(channel->get(), question);
  channel->SetTimer();
  return channel;
}

template <typename T>
void DnsResolver::Impl::Finish(Question<T>* question, absl::StatusOr<T> answer) {
  const std::unique_ptr<Question<T>> owned(question);
  const auto impl = question->impl.lock();
  // Destroyed: nobody waits.
  if (impl == nullptr) return;
  impl->loop.Post([weak = question->impl, channel = question->channel.lock(),
                   done = std::move(question->done), answer = std::move(answer)]() mutable {
    const auto alive = weak.lock();
    if (alive == nullptr) return;
    alive->channels.erase(channel);
    channel.reset();
    done(std::move(answer));
  });
}

std::weak_ptr<AresChannel> DnsResolver::Impl::AskForAddresses(const std::shared_ptr<Impl>& impl,
                                                              const char* lookups, const std::string& name,
                                                              int family, Done done) {
  using AddressQuestion = Question<Addresses>;
  const auto answered = [](void* argument, int status, int /*timeouts*/, ares_addrinfo* found) {
    auto* question = static_cast<AddressQuestion*>(argument);
    const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owned(found, &ares_freeaddrinfo);
    if (status != ARES_SUCCESS) return Finish<Addresses>(question, ToStatus(status));
    Finish(question, AddressesOf(found, question->family));
  };
  return Start<Addresses>(impl, lookups, std::move(done),
                          [&](ares_channel channel, AddressQuestion* question) {
                            question->family = family;
                            ares_addrinfo_hints hints{};
                            hints.ai_family = family;
                            hints.ai_socktype = SOCK_STREAM;
                            ares_getaddrinfo(channel, name.c_str(), nullptr, &hints, answered, question);
                          });
}

void DnsResolver::Impl::AskForBoth(const std::shared_ptr<Impl>& impl, const std::string& name, bool wants_all,
                                   AllDone done) {
  const auto lookup = std::make_shared<Lookup>(impl->loop);
  lookup->done = std::move(done);
  lookup->wants_all = wants_all;
  const auto ask = [&](Family family) {
    // Only while the resolver is there: see Finish.
    return AskForAddresses(impl, AresChannel::kDnsOnly, name, family == Family::kIpv6 ? AF_INET6 : AF_INET,
                           [impl = impl.get(), lookup, family](absl::StatusOr<Addresses> answer) {
                             impl->Take(lookup, family, std::move(answer));
                           });
  };
  // AAAA first, as RFC 8305, section 3 wants it.
  lookup->channels[0] = ask(Family::kIpv6);
  lookup->channels[1] = ask(Family::kIpv4);
}

void DnsResolver::Impl::Take(const std::shared_ptr<Lookup>& lookup, Family family,
                             absl::StatusOr<Addresses> answer) {
  if (lookup->done == nullptr) return;
  const bool has_route = answer.ok() && options.has_route(answer->front());
  lookup->answers.Take(family, std::move(answer), has_route);
  const FamilyAnswers::Next next = lookup->answers.next();
  if (next == FamilyAnswers::Next::kGoOn) return End(*lookup);
  if (next == FamilyAnswers::Next::kWait || lookup->wants_all) return;
  lookup->delay.Set(options.resolution_delay, [this, weak = std::weak_ptr(lookup)] {
    if (const auto alive = weak.lock()) End(*alive);
  });
}

// From outside of c-ares' callbacks only.
void DnsResolver::Impl::End(Lookup& lookup) {
  lookup.delay.Cancel();
  // The question that nobody waits for any more. Its end is told, but no longer listened to.
  for (const std::weak_ptr<AresChannel>& channel : lookup.channels) channels.erase(channel.lock());
  std::exchange(lookup.done, nullptr)(lookup.answers);
}

DnsResolver::DnsResolver(https::EventLoop& loop, DnsOptions options)
    : impl_(new Impl{.loop = loop, .options = std::move(options), .channels = {}}) {}

DnsResolver::~DnsResolver() {
  https::EventLoop& loop = impl_->loop;
  https::RunOnLoop(loop, [this] {
    // First nobody waits any more, then the channels end.
    const auto channels = std::exchange(impl_->channels, {});
    impl_.reset();
  });
}

void DnsResolver::Resolve(const std::string& name, Done done) {
  Impl::AskForBoth(impl_, name, false, [done = std::move(done)](const FamilyAnswers& answers) {
    absl::StatusOr<Addresses> addresses = answers.Addresses();
    if (addresses.ok()) addresses->resize(std::min(addresses->size(), kAddressesMax));
    done(std::move(addresses));
  });
}

void DnsResolver::ResolveAll(const std::string& name, AllDone done) {
  Impl::AskForBoth(impl_, name, true, std::move(done));
}

void DnsResolver::ResolveFromHostsFile(const std::string& name, Done done) {
  Impl::AskForAddresses(impl_, AresChannel::kHostsFileOnly, name, AF_UNSPEC, std::move(done));
}

void DnsResolver::LookUpSrv(const std::string& name, SrvDone done) {
  using Srv = directory::DiscoverySources::Srv;
  using Question = Impl::Question<Srv>;
  const auto answered = [](void* argument, int status, int /*timeouts*/, unsigned char* bytes, int size) {
    auto* question = static_cast<Question*>(argument);
    if (status != ARES_SUCCESS) return Impl::Finish<Srv>(question, ToStatus(status));
    Impl::Finish<Srv>(question, ParseSrvAnswer(bytes, size, kServicesMax));
  };
  Impl::Start<Srv>(impl_, AresChannel::kDnsOnly, std::move(done),
                   [&](ares_channel channel, Question* question) {
                     ares_query(channel, name.c_str(), ns_c_in, ns_t_srv, answered, question);
                   });
}

}  // namespace federation::discovery
