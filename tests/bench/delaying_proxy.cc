#include "bench/delaying_proxy.h"

#include <deque>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "bench/loopback.h"

namespace federation::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadBytesMax = std::size_t{256} * 1024;
// Far above what is said in one delay.
constexpr std::size_t kHeldBytesMax = std::size_t{64} * 1024 * 1024;

// One way of the line.
class Way {
 public:
  Way(int from, int to, Clock::duration delay) : from_(from), to_(to), delay_(delay) {}

  // False at the end of the connection.
  bool Read() {
    std::string bytes(kReadBytesMax, '\0');
    const ssize_t count = recv(from_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count < 0) return errno == EAGAIN;
    if (count == 0) return false;
    bytes.resize(static_cast<std::size_t>(count));
    held_bytes_ += bytes.size();
    held_.push_back({Clock::now() + delay_, std::move(bytes)});
    return true;
  }

  bool Write() {
    while (is_due()) {
      std::string& bytes = held_.front().bytes;
      const ssize_t count =
          send(to_, bytes.data() + sent_, bytes.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (count < 0) return errno == EAGAIN;
      sent_ += static_cast<std::size_t>(count);
      if (sent_ < bytes.size()) return true;
      held_bytes_ -= bytes.size();
      held_.pop_front();
      sent_ = 0;
    }
    return true;
  }

  bool has_room() const { return held_bytes_ < kHeldBytesMax; }
  bool is_due() const { return !held_.empty() && held_.front().due <= Clock::now(); }
  std::optional<Clock::time_point> due() const {
    if (held_.empty()) return std::nullopt;
    return held_.front().due;
  }

 private:
  struct Held {
    Clock::time_point due;
    std::string bytes;
  };
  const int from_;
  const int to_;
  const Clock::duration delay_;
  std::deque<Held> held_;
  std::size_t held_bytes_ = 0;
  std::size_t sent_ = 0;  // of the first one
};

// How long to wait for something to be due; for ever if nothing is.
timespec UntilDue(const Way& there, const Way& back) {
  Clock::duration wait = std::chrono::hours{1};
  for (const Way* way : {&there, &back}) {
    // What is due already waits for the socket.
    if (way->due().has_value() && !way->is_due()) wait = std::min(wait, *way->due() - Clock::now());
  }
  wait = std::max(wait, Clock::duration::zero());
  const auto whole = std::chrono::floor<std::chrono::seconds>(wait);
  return {.tv_sec = whole.count(), .tv_nsec = std::chrono::nanoseconds(wait - whole).count()};
}

short EventsOf(const Way& in, const Way& out) {
  return static_cast<short>((in.has_room() ? POLLIN : 0) | (out.is_due() ? POLLOUT : 0));
}

}  // namespace

DelayingProxy::DelayingProxy(std::uint16_t target, std::chrono::milliseconds delay)
    : target_(target), delay_(delay), listener_(Listen(0)), port_(PortOf(listener_)) {
  if (pipe2(stop_, O_CLOEXEC) != 0) throw std::runtime_error("cannot make pipes");
  thread_ = std::thread([this] { Run(); });
}

DelayingProxy::~DelayingProxy() {
  close(stop_[1]);
  thread_.join();
  close(stop_[0]);
  close(listener_);
}

void DelayingProxy::Run() {
  for (;;) {
    pollfd polled[] = {{listener_, POLLIN, 0}, {stop_[0], POLLIN, 0}};
    if (poll(polled, 2, -1) < 0 || polled[1].revents != 0) return;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const int on = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Pass(client);
    close(client);
  }
}

void DelayingProxy::Pass(int client) {
  const int server = Connect(target_);
  Way there(client, server, delay_);
  Way back(server, client, delay_);
  for (bool open = true; open;) {
    pollfd polled[] = {
        {client, EventsOf(there, back), 0}, {server, EventsOf(back, there), 0}, {stop_[0], POLLIN, 0}};
    const timespec wait = UntilDue(there, back);
    if (ppoll(polled, 3, &wait, nullptr) < 0 || polled[2].revents != 0) break;
    if ((polled[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) open = there.Read();
    if (open && (polled[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0) open = back.Read();
    open = open && there.Write() && back.Write();
  }
  close(server);
}

}  // namespace federation::bench
