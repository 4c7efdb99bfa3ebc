#include "bench/receiver_process.h"

#include <cstdlib>
#include <cstring>
#include <unistd.h>

#include "federation/node.h"
#include "federation/sqlite_store.h"
#include "federation/v1/updates.federation.h"

#include "bench/lookup.federation.h"
#include "bench/lookup_answer.h"
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

class IdleLookup final : public LookupService {
  absl::StatusOr<LookupResponse> Find(const LookupRequest& request, const RpcContext&) override {
    LookupResponse response;
    FillAnswer(request, &response);
    return response;
  }
};

void Echo(support::RawTlsConnection& connection, int /*number*/) {
  char bytes[16 * 1024];
  for (int count = 0; (count = SSL_read(connection.ssl(), bytes, sizeof bytes)) > 0;) {
    if (SSL_write(connection.ssl(), bytes, count) != count) return;
  }
}

}  // namespace

ReceiverProcess::ReceiverProcess(const std::string& domain, const TlsFiles& tls,
                                 const std::string& store_path, std::uint16_t port, int processor)
    : process_({"/proc/self/exe", kReceiverFlag, domain, tls.certificate, tls.private_key, tls.authorities,
                store_path, std::to_string(port), std::to_string(processor)}),
      ports_(process_.Read<std::array<std::uint16_t, 2>>()) {}

bool IsReceiver(int argc, char** argv) { return argc == 9 && std::strcmp(argv[1], kReceiverFlag) == 0; }

int ReceiverMain(char** argv) {
  const int processor = std::atoi(argv[8]);
  if (processor >= 0) RunOnProcessor(processor);
  const auto store = Require(OpenSqliteStore(argv[6]));
  NodeOptions options;
  options.domain = argv[2];
  options.listen = {"127.0.0.1", static_cast<std::uint16_t>(std::strtoul(argv[7], nullptr, 10))};
  options.tls = {argv[3], argv[4], argv[5]};
  options.limits.http.connections_max = 20'000;
  IdleHandler handler;
  v1::UpdateReceiver receiver(handler);
  support::RawTlsServer echo(options.tls, Echo);
  const auto node = Require(Node::Create(options, *store));
  node->Receive(receiver);
  IdleLookup lookup;
  LookupDispatcher dispatcher(lookup);
  Require(node->Serve(dispatcher));
  Require(node->Start());
  const std::uint16_t ports[] = {node->port(), echo.port()};
  if (write(STDOUT_FILENO, ports, sizeof ports) != sizeof ports) return 1;
  char nothing = 0;
  while (read(STDIN_FILENO, &nothing, 1) > 0) continue;
  node->Stop();
  return 0;
}

}  // namespace federation::bench
