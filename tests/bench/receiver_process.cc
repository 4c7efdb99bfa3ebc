#include "bench/receiver_process.h"

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <spawn.h>
#include <stdexcept>
#include <unistd.h>
#include <vector>

#include <sys/wait.h>

#include "federation/node.h"
#include "federation/sqlite_store.h"
#include "federation/v1/updates.federation.h"

#include "bench/require.h"
#include "support/raw_tls_server.h"

namespace federation::bench {
namespace {

constexpr const char* kReceiverFlag = "--as-receiver";

// A server that has nothing to do for an update but to decode it.
class IdleHandler final : public v1::DefaultUpdateHandler {
 public:
  Outcome OnMessage(const v1::Message&, const UpdateContext&) override { return Outcome::Done(); }
};

void Echo(support::RawTlsConnection& connection, int /*number*/) {
  char bytes[16 * 1024];
  for (int count = 0; (count = SSL_read(connection.ssl(), bytes, sizeof bytes)) > 0;) {
    if (SSL_write(connection.ssl(), bytes, count) != count) return;
  }
}

}  // namespace

ReceiverProcess::ReceiverProcess(const std::string& domain, const TlsFiles& tls,
                                 const std::string& store_path, std::uint16_t port) {
  // Closed at exec: other receivers must not keep this one's standard input open.
  int to_child[2];
  int from_child[2];
  if (pipe2(to_child, O_CLOEXEC) != 0 || pipe2(from_child, O_CLOEXEC) != 0)
    throw std::runtime_error("cannot make pipes");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to_child[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, from_child[1], STDOUT_FILENO);
  std::string arguments[] = {"receiver",      kReceiverFlag,   domain,     tls.certificate,
                             tls.private_key, tls.authorities, store_path, std::to_string(port)};
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const int result = posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(to_child[0]);
  close(from_child[1]);
  to_child_ = to_child[1];
  const ssize_t got = result == 0 ? read(from_child[0], ports_.data(), sizeof ports_) : -1;
  close(from_child[0]);
  if (got != static_cast<ssize_t>(sizeof ports_)) throw std::runtime_error("the receiver did not start");
}

ReceiverProcess::~ReceiverProcess() {
  close(to_child_);  // the receiver ends when its standard input does
  waitpid(pid_, nullptr, 0);
}

bool IsReceiver(int argc, char** argv) { return argc == 8 && std::strcmp(argv[1], kReceiverFlag) == 0; }

int ReceiverMain(char** argv) {
  const auto store = Require(OpenSqliteStore(argv[6]));
  NodeOptions options;
  options.domain = argv[2];
  options.listen = {"127.0.0.1", static_cast<std::uint16_t>(std::strtoul(argv[7], nullptr, 10))};
  options.tls = {argv[3], argv[4], argv[5]};
  IdleHandler handler;
  v1::UpdateReceiver receiver(handler);
  support::RawTlsServer echo(options.tls, Echo);
  const auto node = Require(Node::Create(options, *store));
  node->Receive(receiver);
  Require(node->Start());
  const std::uint16_t ports[] = {node->port(), echo.port()};
  if (write(STDOUT_FILENO, ports, sizeof ports) != sizeof ports) return 1;
  char nothing = 0;
  while (read(STDIN_FILENO, &nothing, 1) > 0) continue;
  node->Stop();
  return 0;
}

}  // namespace federation::bench
