// A server that is well-behaved, with the standard schema: sends strong updates, weak ones and requests to
// one peer, and answers that one's. To be attacked meanwhile; see soak.cc.
//
//   soak_node DOMAIN PORT PEER PEER_PORT FOLDER CERTIFICATE KEY AUTHORITIES [DNS_PORT WEB_PORT]
//
// With the last two it also looks for the server of evil.test, again and again, and calls it. What it has
// done so far stands in FOLDER/DOMAIN.progress, as soak_progress.h reads it. SIGTERM: ends in order.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <signal.h>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "federation/node.h"
#include "federation/sqlite_store.h"
#include "federation/v1/requests.federation.h"
#include "federation/v1/updates.federation.h"

#include "abuse/soak_progress.h"
#include "abuse/table.h"

namespace federation::abuse {
namespace {

using namespace std::chrono_literals;

constexpr auto kStrongEvery = 10ms;
constexpr auto kOthersEvery = 50ms;
// So much may wait for the peer: the links must catch up, whatever happens.
constexpr std::uint64_t kPendingMax = 1000;
constexpr auto kReportEvery = 200;  // in ms

class Counter final : public v1::DefaultUpdateHandler {
 public:
  explicit Counter(std::string peer) : peer_(std::move(peer)) {}
  // Those of the peer alone.
  std::atomic<std::uint64_t> strong{0};
  std::atomic<std::uint64_t> weak{0};

 private:
  Outcome OnMessage(const v1::Message&, const UpdateContext& context) override {
    if (context.origin == peer_) ++strong;
    return Outcome::Done();
  }
  Outcome OnTyping(const v1::Typing&, const UpdateContext& context) override {
    if (context.origin == peer_) ++weak;
    return Outcome::Done();
  }

  const std::string peer_;
};

class Users final : public v1::UsersService {
  absl::StatusOr<v1::SearchUsersResponse> SearchUsers(const v1::SearchUsersRequest& request,
                                                      const RpcContext&) override {
    v1::SearchUsersResponse response;
    response.add_users()->set_user_id(request.query());
    return response;
  }
};

class Conversations final : public v1::ConversationsService {
  absl::StatusOr<v1::FetchStateResponse> FetchState(const v1::FetchStateRequest&,
                                                    const RpcContext&) override {
    return v1::FetchStateResponse();
  }
};

// Threads that do something every so often until the end.
class Repeated {
 public:
  ~Repeated() { Stop(); }
  template <typename Do>
  void Start(std::chrono::milliseconds every, const Do& what) {
    threads_.emplace_back([this, every, what] {
      while (!stop_) {
        what();
        std::this_thread::sleep_for(every);
      }
    });
  }
  void Stop() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

std::uint64_t PendingTo(Node& node, const std::string& peer) {
  const auto links = node.Links();
  if (!links.ok()) return 0;
  for (const LinkStatus& link : *links) {
    if (link.destination == peer) return link.pending();
  }
  return 0;
}

v1::Message MakeMessage() {
  v1::Message message;
  message.mutable_peer()->set_type(v1::PEER_TYPE_GROUP);
  message.mutable_peer()->set_id(1);
  message.mutable_content()->mutable_text()->set_text(std::string(100, 'x'));
  return message;
}

NodeOptions OptionsOf(const std::vector<std::string>& words) {
  const auto port = [&words](std::size_t index) {
    return static_cast<std::uint16_t>(std::stoi(words.at(index)));
  };
  NodeOptions options{.domain = words.at(0), .listen = {"127.0.0.1", port(1)}};
  options.peers[words.at(2)] = {"127.0.0.1", port(3)};
  options.tls = {words.at(5), words.at(6), words.at(7)};
  options.allowed_addresses = {kAbuseAllowedAddress};
  // The store is to stay small.
  options.limits.outbox.acked_age_max = 10s;
  options.limits.outbox.backoff_max = 1s;
  options.discovery.enabled = words.size() > 8;
  if (!options.discovery.enabled) return options;
  options.discovery.dns_servers = {{"127.0.0.1", port(8)}};
  options.discovery.dns_timeout = 200ms;
  options.discovery.well_known_port = port(9);
  options.discovery.well_known_timeout = 500ms;
  options.discovery.default_port = 1;
  return options;
}

int Fail(const absl::Status& status) { return std::cerr << status.ToString() << std::endl, 1; }

int Main(const std::vector<std::string>& words) {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  // Before any thread: they inherit it.
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  const NodeOptions options = OptionsOf(words);
  const std::string& peer = words.at(2);
  const std::string files = words.at(4) + "/" + options.domain;
  auto store = OpenSqliteStore(files + ".db");
  if (!store.ok()) return Fail(store.status());
  Counter counter(peer);
  v1::UpdateReceiver receiver(counter);
  Users users;
  Conversations conversations;
  v1::UsersDispatcher users_dispatcher(users);
  v1::ConversationsDispatcher conversations_dispatcher(conversations);
  auto node = Node::Create(options, **store);
  if (!node.ok()) return Fail(node.status());
  (*node)->Receive(receiver);
  for (RpcDispatcher* dispatcher :
       std::initializer_list<RpcDispatcher*>{&users_dispatcher, &conversations_dispatcher}) {
    if (const absl::Status served = (*node)->Serve(*dispatcher); !served.ok()) return Fail(served);
  }
  if (const absl::Status started = (*node)->Start(); !started.ok()) return Fail(started);

  v1::UpdateSender sender(**node);
  v1::UsersClient client(**node);
  std::atomic<bool> hold{false};
  std::atomic<std::uint64_t> calls{0};
  Repeated repeated;
  repeated.Start(kStrongEvery, [&, message = MakeMessage()] {
    if (!hold) (void)sender.SendMessage(peer, message);
  });
  repeated.Start(kOthersEvery, [&] {
    v1::Typing typing;
    typing.set_user_id("steve");
    (void)sender.SendTyping(peer, typing);
  });
  repeated.Start(kOthersEvery, [&] {
    v1::SearchUsersRequest request;
    request.set_query("steve");
    if (client.SearchUsers(peer, request, {.timeout = 5s}).ok()) ++calls;
  });
  if (options.discovery.enabled) {
    repeated.Start(kOthersEvery, [&] {
      (void)(*node)->Resolve("evil.test", Lookup::kFresh);
      (void)(*node)->Call({"evil.test", R"({"rpc":"x"})", {.timeout = 1s, .tries_max = 1}});
    });
  }
  const timespec report_every{0, long{kReportEvery} * 1'000'000};
  while (::sigtimedwait(&signals, nullptr, &report_every) != SIGTERM) {
    hold = PendingTo(**node, peer) > kPendingMax;
    WriteProgress(files + ".progress", {counter.strong, counter.weak, calls});
  }
  repeated.Stop();
  (*node)->Stop();
  return 0;
}

}  // namespace
}  // namespace federation::abuse

int main(int argc, char** argv) {
  if (argc != 9 && argc != 11) {
    std::cerr << "soak_node: see its head comment for its arguments\n";
    return 2;
  }
  return federation::abuse::Main({argv + 1, argv + argc});
}
