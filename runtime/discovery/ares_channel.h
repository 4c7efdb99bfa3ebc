#pragma once

#include <ares.h>
#include <functional>
#include <map>
#include <memory>

#include <absl/status/status.h>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "discovery/dns_resolver.h"
#include "https/event_loop.h"
#include "https/net.h"

namespace federation::discovery {

// What a status of c-ares means: not found (it is certain that there is nothing), deadline exceeded, or
// unavailable. Not ok.
absl::Status ToStatus(int ares_status);

// One question to DNS servers: a channel of c-ares whose sockets and timers are Asio's. A channel of its own
// for each question reads the system's settings as they are then, and has ports of its own, which are harder
// to guess. On the loop only; to be destroyed from outside of c-ares' callbacks.
class AresChannel : public std::enable_shared_from_this<AresChannel> {
 public:
  explicit AresChannel(https::EventLoop& loop);
  // c-ares calls the callbacks of what has not ended.
  ~AresChannel();
  AresChannel(const AresChannel&) = delete;
  AresChannel& operator=(const AresChannel&) = delete;

  // To be called first. `lookups`: where names are looked up, in c-ares' letters; the settings of this
  // machine (nsswitch.conf) do not count. Errors: unavailable.
  static constexpr char kDnsOnly[] = "b";
  static constexpr char kHostsFileOnly[] = "f";
  absl::Status Open(const DnsOptions& options, const char* lookups);
  ares_channel get() const { return channel_; }
  // After something was asked.
  void SetTimer();

 private:
  using Descriptor = https::asio::posix::basic_stream_descriptor<https::Executor>;

  // A socket of c-ares, which closes it.
  struct Watched {
    Watched(https::EventLoop& loop, int socket);
    ~Watched();

    Descriptor descriptor;
    bool wants_read = false;
    bool wants_write = false;
    // Whether the descriptor is waited for.
    bool reads = false;
    bool writes = false;
  };

  static void SocketChanged(void* self, ares_socket_t socket, int readable, int writable);
  void Watch(ares_socket_t socket);
  void Ready(ares_socket_t socket, const std::shared_ptr<Watched>& watched, bool readable);

  https::EventLoop& loop_;
  ares_channel channel_ = nullptr;
  std::map<ares_socket_t, std::shared_ptr<Watched>> sockets_;
  https::EventLoop::Timer timer_;
};

}  // namespace federation::discovery
