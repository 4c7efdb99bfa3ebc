// How many small exchanges a node takes over HTTPS, beside other servers in the same run. The server, whoever
// it is, has one processor, and its clients have another one.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/core.h>
#include <sys/resource.h>

#include "federation/node.h"
#include "federation/sqlite_store.h"

#include "bench/goal_table.h"
#include "bench/grpc_peer.h"
#include "bench/https_load.h"
#include "bench/in_flight.h"
#include "bench/lookup.federation.h"
#include "bench/lookup_answer.h"
#include "bench/nginx_process.h"
#include "bench/process_stats.h"
#include "bench/receiver_process.h"
#include "bench/require.h"
#include "log/log.h"
#include "support/raw_tls_client.h"
#include "support/temporary_folder.h"
#include "support/test_ca.h"

namespace federation::bench {
namespace {

using std::chrono::milliseconds;

constexpr int kServerProcessor = 0;
constexpr int kClientProcessor = 1;
constexpr const char* kServer = "bravo.test";
constexpr const char* kClient = "alpha.test";
constexpr const char* kGrpcFlag = "--as-grpc-server";
constexpr milliseconds kWarmUp{300};
constexpr milliseconds kDuration{2000};
constexpr int kInFlight = 64;
constexpr int kOneByOne = 3000;

// A push with one weak update, and its answer.
constexpr const char* kPush =
    R"({"weak":[{"update":"typing","user_id":"uid","peer":{"type":"group","id":11223344}}],"strong":[],"seq":0})";
constexpr const char* kAck = R"({"receive":"ok","seq":0})";

// A node in a process of its own.
struct Server {
  TemporaryFolder folder;
  support::TestCa ca;
  ReceiverProcess process{kServer, ca.Issue(kServer), folder.File("bravo.db"), 0, kServerProcessor};
};

// How many exchanges there were, and the processor time that each took, which other work of the machine
// disturbs less.
struct Measured {
  double per_s = 0;
  double server_us = 0;
  double client_us = 0;
};

// `run` returns the exchanges in a second.
template <typename Run>
Measured Measure(pid_t server, const Run& run) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  const double server_us = ProcessorTime_us(server);
  const double client_us = ProcessorTime_us(getpid());
  Measured measured;
  measured.per_s = run();
  const double exchanges = measured.per_s * std::chrono::duration<double>(Clock::now() - start).count();
  measured.server_us = (ProcessorTime_us(server) - server_us) / exchanges;
  measured.client_us = (ProcessorTime_us(getpid()) - client_us) / exchanges;
  return measured;
}

Measured MeasurePushes(std::uint16_t port, pid_t server, const std::vector<TlsFiles>& clients) {
  HttpsLoad load(port, clients, kServer);
  const std::string request = PostOf(kServer, "/http/v1/updates", kPush);
  load.Run(request, kWarmUp);
  return Measure(server, [&] { return load.Run(request, kDuration); });
}

// Pushes over some connections at a time, each of another origin.
void Pushes(benchmark::State& state, int connections) {
  for (auto _ : state) {
    Server server;
    std::vector<TlsFiles> clients;
    for (int i = 0; i < connections; ++i) clients.push_back(server.ca.Issue(fmt::format("alpha{}.test", i)));
    const Measured ours = MeasurePushes(server.process.port(), server.process.pid(), clients);
    state.counters["per_s"] = ours.per_s;
    state.counters["server_us"] = ours.server_us;
    if (NginxProcess::IsInstalled()) {
      const NginxProcess nginx(server.ca.directory(), server.ca.Issue(kServer), kAck, kServerProcessor);
      const Measured theirs = MeasurePushes(nginx.port(), nginx.pid(), clients);
      state.counters["nginx_per_s"] = theirs.per_s;
      state.counters["nginx_us"] = theirs.server_us;
      state.counters["of_nginx"] = ours.per_s / theirs.per_s;
    }
    state.SetIterationTime(1 / ours.per_s);
  }
}

struct Caller {
  explicit Caller(Server& server) {
    NodeOptions options;
    options.domain = kClient;
    options.listen = {"127.0.0.1", 0};
    options.tls = server.ca.Issue(kClient);
    options.peers[kServer] = {"127.0.0.1", server.process.port()};
    store = Require(OpenSqliteStore(server.folder.File("alpha.db")));
    node = Require(Node::Create(options, *store));
    Require(node->Start());
  }
  ~Caller() { node->Stop(); }

  std::unique_ptr<Store> store;
  std::unique_ptr<Node> node;
};

double Calls_per_s(LookupClient& client, milliseconds duration) {
  const LookupRequest request = SampleLookup();
  return CallsInFlight_per_s(kInFlight, duration, [&client, &request](auto done) {
    client.StartFind(kServer, request, [done](absl::StatusOr<LookupResponse> response) {
      if (Require(std::move(response)).user_ids_size() != 3) std::abort();
      done();
    });
  });
}

double CallTime_us(LookupClient& client) {
  const LookupRequest request = SampleLookup();
  std::vector<std::chrono::nanoseconds> times;
  for (int i = 0; i < kOneByOne; ++i) {
    const auto start = std::chrono::steady_clock::now();
    Require(client.Find(kServer, request).status());
    times.push_back(std::chrono::steady_clock::now() - start);
  }
  std::nth_element(times.begin(), times.begin() + kOneByOne / 2, times.end());
  return static_cast<double>(times[kOneByOne / 2].count()) / 1e3;
}

void Calls(benchmark::State& state) {
  for (auto _ : state) {
    Server server;
    Caller caller(server);
    LookupClient client(*caller.node);
    Calls_per_s(client, kWarmUp);
    const Measured ours = Measure(server.process.pid(), [&client] { return Calls_per_s(client, kDuration); });
    const double time_us = CallTime_us(client);
    const TlsFiles tls = server.ca.Issue(kServer);
    const ChildProcess grpc_server(
        {"/proc/self/exe", kGrpcFlag, tls.certificate, tls.private_key, tls.authorities});
    GrpcClient grpc(grpc_server.Read<std::uint16_t>(), server.ca.Issue(kClient), kServer);
    grpc.Run(kInFlight, kWarmUp);
    const Measured theirs = Measure(grpc_server.pid(), [&grpc] { return grpc.Run(kInFlight, kDuration); });
    const double grpc_time_us = static_cast<double>(grpc.OneByOne(kOneByOne).count()) / 1e3;
    state.counters["per_s"] = ours.per_s;
    state.counters["server_us"] = ours.server_us;
    state.counters["client_us"] = ours.client_us;
    state.counters["grpc_per_s"] = theirs.per_s;
    state.counters["grpc_server_us"] = theirs.server_us;
    state.counters["grpc_client_us"] = theirs.client_us;
    state.counters["of_grpc"] = ours.per_s / theirs.per_s;
    state.counters["p50_us"] = time_us;
    state.counters["grpc_p50_us"] = grpc_time_us;
    state.counters["time_of_grpc"] = time_us / grpc_time_us;
    state.SetIterationTime(1 / ours.per_s);
  }
}

// What a connection costs on which nothing is said.
void Idle(benchmark::State& state) {
  constexpr int kConnections = 10'000;
  constexpr int kOrigins = 250;
  for (auto _ : state) {
    Server server;
    std::vector<TlsFiles> clients;
    for (int i = 0; i < kOrigins; ++i) clients.push_back(server.ca.Issue(fmt::format("alpha{}.test", i)));
    const double before = Memory_mib(server.process.pid());
    std::vector<support::RawTlsConnection> connections;
    for (int i = 0; i < kConnections; ++i) {
      connections.push_back(support::ConnectRawTls(
          server.process.port(), clients[static_cast<std::size_t>(i) % clients.size()], kServer));
      if (!connections.back().Handshake()) std::abort();
    }
    // The last ones, too, are idle after a second.
    std::this_thread::sleep_for(std::chrono::seconds(2));
    state.counters["each_kib"] =
        (Memory_mib(server.process.pid()) - before) * 1024 / static_cast<double>(connections.size());
    state.SetIterationTime(1);
  }
}

// Connections are files, here and in the processes that are started.
void AllowManyFiles() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) std::abort();
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) std::abort();
}

template <typename Function, typename... Arguments>
void Register(const char* name, Function function, Arguments... arguments) {
  benchmark::RegisterBenchmark(name, function, arguments...)->UseManualTime()->Iterations(1);
}

std::vector<GoalRow> Rows() {
  using Goal = GoalRow::Goal;
  return {
      {"pushes of one weak update, 16 connections", "push_16", "per_s", 0, "pushes/s"},
      {"  processor time of the server for each", "push_16", "server_us", 1, "us"},
      {"  nginx with one worker", "push_16", "nginx_per_s", 0, "requests/s"},
      {"  processor time of nginx for each", "push_16", "nginx_us", 1, "us"},
      {"  of that", "push_16", "of_nginx", 2, "", Goal::kAtLeast, 0.8},
      {"the same over one connection", "push_1", "per_s", 0, "pushes/s"},
      {"  nginx with one worker", "push_1", "nginx_per_s", 0, "requests/s"},
      {"  of that", "push_1", "of_nginx", 2, ""},
      {"generated requests, 64 in flight", "calls", "per_s", 0, "calls/s"},
      {"  processor time of the server for each", "calls", "server_us", 1, "us"},
      {"  processor time of the client for each", "calls", "client_us", 1, "us"},
      {"  gRPC with its callback server", "calls", "grpc_per_s", 0, "calls/s"},
      {"  processor time of its server for each", "calls", "grpc_server_us", 1, "us"},
      {"  processor time of its client for each", "calls", "grpc_client_us", 1, "us"},
      {"  of that", "calls", "of_grpc", 2, "", Goal::kAtLeast, 1.3},
      {"one request at a time, p50", "calls", "p50_us", 0, "us"},
      {"  gRPC", "calls", "grpc_p50_us", 0, "us"},
      {"  of that", "calls", "time_of_grpc", 2, "", Goal::kAtMost, 1},
      {"10,000 idle connections, each", "idle", "each_kib", 1, "KiB", Goal::kAtMost, 40},
  };
}

}  // namespace
}  // namespace federation::bench

int main(int argc, char** argv) {
  using namespace federation::bench;
  if (IsReceiver(argc, argv)) return ReceiverMain(argv);
  if (argc == 5 && std::strcmp(argv[1], kGrpcFlag) == 0) {
    RunOnProcessor(kServerProcessor);
    return GrpcServerMain({argv[2], argv[3], argv[4]});
  }
  benchmark::Initialize(&argc, argv);
  federation::Log().set_level(spdlog::level::err);
  RunOnProcessor(kClientProcessor);
  AllowManyFiles();
  Register("push_16", Pushes, 16);
  Register("push_1", Pushes, 1);
  Register("calls", Calls);
  Register("idle", Idle);
  GoalTable table;
  benchmark::RunSpecifiedBenchmarks(&table);
  fmt::print(
      "over TLS 1.3 with certificates on both sides, a processor for the server and one for its clients\n\n");
  return table.Print(Rows());
}
