#include "discovery/ares_channel.h"

#include <chrono>
#include <string>
#include <utility>

#include <absl/strings/str_cat.h>
#include <sys/time.h>

#include "https/event_loop_impl.h"

namespace federation::discovery {
namespace {

// What fits into one packet nearly everywhere (RFC 9715); what is larger comes over TCP.
constexpr int kUdpAnswerBytes = 1232;

// c-ares wants to be set up once in a process.
int SetUpLibrary() {
  static const int result = ares_library_init(ARES_LIB_INIT_ALL);
  return result;
}

}  // namespace

absl::Status ToStatus(int ares_status) {
  switch (ares_status) {
    case ARES_ENOTFOUND:
      return absl::NotFoundError("there is no such name");
    case ARES_ENODATA:
      return absl::NotFoundError("the name has no such record");
    case ARES_ETIMEOUT:
      return absl::DeadlineExceededError("no DNS server answers");
    case ARES_ECONNREFUSED:
      return absl::UnavailableError("no DNS server can be reached");
    default:
      return absl::UnavailableError(absl::StrCat("DNS: ", ares_strerror(ares_status)));
  }
}

AresChannel::Watched::Watched(https::EventLoop& loop, int socket) : descriptor(loop.impl().context, socket) {}

AresChannel::Watched::~Watched() {
  if (descriptor.is_open()) descriptor.release();
}

AresChannel::AresChannel(https::EventLoop& loop) : loop_(loop), timer_(loop) {}

AresChannel::~AresChannel() {
  if (channel_ != nullptr) ares_destroy(channel_);
}

absl::Status AresChannel::Open(const DnsOptions& options, const char* lookups) {
  ares_options ares{};
  ares.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS;
  ares.timeout = static_cast<int>(options.timeout.count());
  ares.tries = options.tries;
  ares.ednspsz = kUdpAnswerBytes;
  // c-ares copies it.
  std::string given_lookups = lookups;
  ares.lookups = given_lookups.data();
  ares.sock_state_cb = &AresChannel::SocketChanged;
  ares.sock_state_cb_data = this;
  constexpr int kGiven = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ |
                         ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB;
  int result = SetUpLibrary();
  if (result == ARES_SUCCESS) result = ares_init_options(&channel_, &ares, kGiven);
  std::string servers;
  for (const HostPort& server : options.servers) {
    absl::StrAppend(&servers, servers.empty() ? "" : ",", server.ToString());
  }
  if (result == ARES_SUCCESS && !servers.empty()) {
    result = ares_set_servers_ports_csv(channel_, servers.c_str());
  }
  return result == ARES_SUCCESS ? absl::OkStatus() : ToStatus(result);
}

void AresChannel::SetTimer() {
  timeval wait{};
  if (ares_timeout(channel_, nullptr, &wait) == nullptr) return timer_.Cancel();
  const auto time = std::chrono::seconds(wait.tv_sec) + std::chrono::microseconds(wait.tv_usec);
  timer_.Set(std::chrono::ceil<std::chrono::milliseconds>(time), [this] {
    const auto self = shared_from_this();
    ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    SetTimer();
  });
}

void AresChannel::SocketChanged(void* self, ares_socket_t socket, int readable, int writable) {
  AresChannel& channel = *static_cast<AresChannel*>(self);
  const auto found = channel.sockets_.find(socket);
  if (readable == 0 && writable == 0) {
    // c-ares closes it next: its number may belong to another socket soon.
    if (found == channel.sockets_.end()) return;
    found->second->descriptor.release();
    channel.sockets_.erase(found);
    return;
  }
  std::shared_ptr<Watched>& watched = channel.sockets_[socket];
  if (watched == nullptr) watched = std::make_shared<Watched>(channel.loop_, socket);
  watched->wants_read = readable != 0;
  watched->wants_write = writable != 0;
  channel.Watch(socket);
}

void AresChannel::Watch(ares_socket_t socket) {
  const auto found = sockets_.find(socket);
  if (found == sockets_.end()) return;
  const std::shared_ptr<Watched>& watched = found->second;
  const auto wait = [&](Descriptor::wait_type direction, bool readable) {
    watched->descriptor.async_wait(
        direction, [weak = weak_from_this(), socket, watched, readable](boost::system::error_code error) {
          const auto self = weak.lock();
          // After `release` the operation ends with an error.
          if (self != nullptr && !error) self->Ready(socket, watched, readable);
        });
  };
  if (watched->wants_read && !std::exchange(watched->reads, true)) wait(Descriptor::wait_read, true);
  if (watched->wants_write && !std::exchange(watched->writes, true)) wait(Descriptor::wait_write, false);
}

void AresChannel::Ready(ares_socket_t socket, const std::shared_ptr<Watched>& watched, bool readable) {
  // An event that was queued before the socket was closed is not that of its successor.
  const auto found = sockets_.find(socket);
  if (found == sockets_.end() || found->second != watched) return;
  (readable ? watched->reads : watched->writes) = false;
  const bool wanted = readable ? watched->wants_read : watched->wants_write;
  if (wanted)
    ares_process_fd(channel_, readable ? socket : ARES_SOCKET_BAD, readable ? ARES_SOCKET_BAD : socket);
  Watch(socket);
  SetTimer();
}

}  // namespace federation::discovery
