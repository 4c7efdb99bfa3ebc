#include "abuse/soak_attacks.h"

#include <chrono>
#include <exception>
#include <fcntl.h>
#include <memory>
#include <unistd.h>
#include <utility>

#include <absl/strings/str_cat.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "abuse/attacker.h"
#include "support/raw_tls_client.h"

namespace federation::abuse {
namespace {

using namespace std::chrono_literals;
using support::RawTlsConnection;

constexpr char kUpdates[] = "/http/v1/updates";
// An attacker that is not answered turns to something else.
constexpr auto kPatience = 500ms;

template <typename T>
const T& OneOf(const std::vector<T>& all, std::mt19937& random) {
  return all[random() % all.size()];
}

std::string RandomBytes(std::mt19937& random, std::size_t count_max) {
  std::string bytes(random() % count_max + 1, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

// A socket that is connected to the port, from one of several addresses; -1 if nobody takes it.
int ConnectFromSomewhere(std::uint16_t port, std::mt19937& random) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + static_cast<std::uint32_t>(random() % 8));
  const bool is_bound = bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  constexpr timeval kShort{1, 0};
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &kShort, sizeof(kShort));
  if (is_bound && connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    return descriptor;
  }
  close(descriptor);
  return -1;
}

// A connected socket, or none.
class Socket {
 public:
  Socket(std::uint16_t port, std::mt19937& random) : descriptor_(ConnectFromSomewhere(port, random)) {}
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool is_connected() const { return descriptor_ >= 0; }
  void Send(std::string_view bytes) const { send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  // It ends with a reset.
  void EndAbruptly() const {
    constexpr linger kReset{1, 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &kReset, sizeof(kReset));
  }

 private:
  const int descriptor_;
};

// The start of a ClientHello that goes on for longer than it ever comes.
std::string HalfHello() {
  return std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + std::string(40, 'r');
}

// What a peer with a good certificate may say of its link, and should not.
std::string LyingPush(std::mt19937& random) {
  static const std::vector<std::string> kNumbers = {"0",
                                                    "1",
                                                    "2",
                                                    "3",
                                                    "7",
                                                    "1000000",
                                                    "9007199254740991",
                                                    "9007199254740992",
                                                    "18446744073709551615",
                                                    "-1",
                                                    "1e30",
                                                    "null"};
  static const std::vector<std::string> kUpdatesOfAll = {
      R"({"update":"message","peer":{"type":"group","id":1}})",
      R"({"update":"launch"})",
      "{}",
      "[]",
      "1",
      R"({"update":"typing","user_id":"u"})",
      R"({"update":"expired"})"};
  std::string body = R"({"weak":[],"strong":[)";
  const std::size_t count = random() % 20;
  for (std::size_t i = 0; i < count; ++i)
    absl::StrAppend(&body, i == 0 ? "" : ",", OneOf(kUpdatesOfAll, random));
  absl::StrAppend(&body, "],\"seq\":", OneOf(kNumbers, random), "}");
  if (random() % 4 == 0) body[random() % body.size()] = static_cast<char>(random());
  return body;
}

std::string RandomRequest(std::mt19937& random) {
  static const std::vector<std::string> kRequests = {
      R"({"rpc":"search_users","query":"steve"})",
      R"({"rpc":"drop_tables"})",
      R"({"rpc":"search_users","query":1})",
      R"({"rpc":"fetch_state","peer":{"type":"group","id":1}})",
      "{}",
      "[["};
  return Post("/http/v1/rpc", {}, OneOf(kRequests, random));
}

}  // namespace

SoakAttacks::SoakAttacks(std::uint16_t port, Certificates& certificates, HostileServers& servers,
                         unsigned seed)
    : port_(port), certificates_(certificates), servers_(servers), seed_(seed) {
  for (AbuseRow& row : AllRows()) {
    // Who waits for a time-out keeps a thread busy here, too; held connections do that by hundreds.
    if (row.status == 408) continue;
    (IsServer(row.peer) ? server_rows_ : client_rows_).push_back(std::move(row));
  }
  StartRows(3);
  StartHostileServers();
  StartHeldConnections();
  StartPeers();
}

void SoakAttacks::Stop() {
  stop_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

std::string SoakAttacks::Counts() const {
  std::string text;
  for (const auto& attack : attacks_) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", attack->name, " ", attack->count.load());
  }
  return text;
}

void SoakAttacks::Start(const std::string& name, int threads, std::chrono::milliseconds pause,
                        const std::function<void(Random&)>& once) {
  Attack& attack = *attacks_.emplace_back(new Attack{.name = name, .count = 0});
  for (int i = 0; i < threads; ++i) {
    const unsigned seed = seed_ + static_cast<unsigned>(threads_.size());
    threads_.emplace_back([this, &attack, pause, once, seed] {
      Random random(seed);
      while (!stop_) {
        try {
          once(random);
          ++attack.count;
        } catch (const std::exception&) {
          // Nobody listens. Whether that may be is looked at elsewhere.
          std::this_thread::sleep_for(100ms);
        }
        std::this_thread::sleep_for(pause);
      }
    });
  }
}

void SoakAttacks::StartRows(int threads) {
  for (int i = 0; i < threads; ++i) {
    const auto attacker =
        std::make_shared<Attacker>(port_, certificates_, absl::StrCat("newcomer", i, "x"), 100);
    attacker->GiveUpAfter(kPatience);
    attacker->ActAs(absl::StrCat("rows", i, ".test"));
    Start(absl::StrCat("rows/", i), 1, 2ms,
          [this, attacker](Random& random) { attacker->Play(OneOf(client_rows_, random)); });
  }
}

void SoakAttacks::StartHostileServers() {
  Start("hostile servers", 1, 200ms,
        [this](Random& random) { servers_.Become(OneOf(server_rows_, random)); });
}

// Connections that are kept open for as long as they are let, and drip.
void SoakAttacks::StartHeldConnections() {
  // More than a node takes of those who do not say who they are.
  constexpr std::size_t kHeldMax = 800;
  const auto held = std::make_shared<std::vector<std::unique_ptr<Socket>>>();
  Start("half-open handshakes", 1, 10ms, [this, held](Random& random) {
    if (held->size() >= kHeldMax)
      held->erase(held->begin() + static_cast<std::ptrdiff_t>(random() % held->size()));
    auto socket = std::make_unique<Socket>(port_, random);
    if (!socket->is_connected()) return;
    socket->Send(HalfHello().substr(0, random() % HalfHello().size()));
    held->push_back(std::move(socket));
  });
  // Heads and bodies that come a byte at a time, and answers that nobody reads; of several peers, as one may
  // have so many connections only.
  struct Slow {
    RawTlsConnection connection;
    std::string rest;
  };
  constexpr std::size_t kSlowMax = 100;
  const auto slow = std::make_shared<std::vector<std::unique_ptr<Slow>>>();
  Start("slow heads, bodies and readers", 1, 20ms, [this, slow](Random& random) {
    if (slow->size() >= kSlowMax)
      slow->erase(slow->begin() + static_cast<std::ptrdiff_t>(random() % slow->size()));
    const std::string who = absl::StrCat("slow", random() % 4, ".test");
    RawTlsConnection connection = support::ConnectRawTls(port_, certificates_.Of(who), "bravo.test");
    connection.GiveUpAfter(kPatience);
    const std::string push =
        Post(kUpdates, {}, absl::StrCat(R"({"seq":0,"x":")", std::string(3000, 'x'), "\"}"));
    std::string rest = push;
    if (const auto kind = random() % 3; kind == 1) {
      connection.Send(push.substr(0, push.find("\r\n\r\n") + 4));
      rest = push.substr(push.find("\r\n\r\n") + 4);
    } else if (kind == 2) {
      for (int i = 0; i < 20; ++i)
        connection.Send("GET /.well-known/actor-federation HTTP/1.1\r\nHost: bravo.test\r\n\r\n");
      rest.clear();
    }
    slow->emplace_back(new Slow{std::move(connection), std::move(rest)});
    for (const auto& each : *slow) {
      if (each->rest.empty()) continue;
      each->connection.Send(each->rest.substr(0, 1));
      each->rest.erase(0, 1);
    }
  });
  Start("connections that end at once", 2, 4ms, [this](Random& random) {
    const Socket socket(port_, random);
    if (random() % 2 == 0) socket.EndAbruptly();
  });
  Start("random bytes without TLS", 1, 10ms,
        [this](Random& random) { Socket(port_, random).Send(RandomBytes(random, 2000)); });
}

// Those who show a certificate.
void SoakAttacks::StartPeers() {
  const auto connect = [this](const TlsFiles& files) {
    RawTlsConnection connection = support::ConnectRawTls(port_, files, "bravo.test");
    connection.GiveUpAfter(kPatience);
    return connection;
  };
  Start("random bytes in TLS", 1, 20ms, [this, connect](Random& random) {
    RawTlsConnection connection = connect(certificates_.Of("noise.test"));
    connection.Send(RandomBytes(random, 5000));
    connection.Receive();
  });
  Start("lies about numbers", 2, 10ms, [this, connect](Random& random) {
    RawTlsConnection connection = connect(certificates_.Of(absl::StrCat("liar", random() % 3, ".test")));
    for (int i = 0; i < 20 && !stop_; ++i) {
      if (!connection.Send(Post(kUpdates, {}, LyingPush(random))) || !connection.Receive()) return;
    }
  });
  Start("floods of requests", 1, 10ms, [this, connect](Random& random) {
    RawTlsConnection connection = connect(certificates_.Of("flood.test"));
    for (int burst = 0; burst < 10 && !stop_; ++burst) {
      std::string requests;
      for (int i = 0; i < 30; ++i) requests += RandomRequest(random);
      if (!connection.Send(requests)) return;
      for (int i = 0; i < 30; ++i) {
        if (!connection.Receive()) return;
      }
    }
  });
  Start("requests whose callers are gone", 1, 20ms, [this, connect](Random& random) {
    RawTlsConnection connection = connect(certificates_.Of("gone.test"));
    for (int i = 0; i < 10; ++i) connection.Send(RandomRequest(random));
  });
  // Each answer is as large as its request.
  constexpr std::size_t kUnreadMax = 60;
  constexpr int kPipelined = 16;
  const auto unread = std::make_shared<std::vector<std::unique_ptr<RawTlsConnection>>>();
  Start("large answers that nobody reads", 1, 50ms, [this, connect, unread](Random& random) {
    if (unread->size() >= kUnreadMax)
      unread->erase(unread->begin() + static_cast<std::ptrdiff_t>(random() % unread->size()));
    auto connection = std::make_unique<RawTlsConnection>(connect(certificates_.Of("unread.test")));
    const std::string request = Post("/http/v1/rpc", {},
                                     absl::StrCat(R"({"rpc":"search_users","query":")",
                                                  std::string(50'000 + random() % 100'000, 'x'), "\"}"));
    for (int i = 0; i < kPipelined && !stop_ && connection->Send(request); ++i) continue;
    unread->push_back(std::move(connection));
  });
  Start("a thousand origins of one certificate", 1, 20ms, [this, connect](Random& random) {
    RawTlsConnection connection = connect(certificates_.Of("many", {.dns_names = {"*.many.test"}}));
    for (int i = 0; i < 5 && !stop_; ++i) {
      const std::string origin = absl::StrCat("Federation-Origin: o", random() % 1000, ".many.test");
      if (!connection.Send(Post(kUpdates, {origin}, LyingPush(random))) || !connection.Receive()) return;
    }
  });
  Start("certificates of strangers", 1, 20ms, [this](Random& random) {
    TlsFiles files = strangers_.Of(absl::StrCat("stranger", random() % 10, ".test"));
    files.authorities = certificates_.authorities();
    RawTlsConnection connection = support::ConnectRawTls(port_, files, "bravo.test");
    connection.GiveUpAfter(kPatience);
    if (connection.Send(GoodPush())) connection.Receive();
  });
  Start("bodies of 4 MiB that are no JSON", 1, 500ms, [this, connect](Random& random) {
    RawTlsConnection connection = connect(certificates_.Of("large.test"));
    if (connection.Send(Post(kUpdates, {}, std::string(4'000'000, "[{\" "[random() % 4]))))
      connection.Receive();
  });
}

}  // namespace federation::abuse
