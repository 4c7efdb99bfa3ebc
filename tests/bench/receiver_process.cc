#include "bench/receiver_process.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <signal.h>
#include <spawn.h>
#include <stdexcept>
#include <unistd.h>

#include <fmt/core.h>
#include <sys/wait.h>

#include "federation/node.h"
#include "federation/sqlite_store.h"
#include "federation/v1/updates.federation.h"

namespace federation::bench {
namespace {

constexpr const char* kReceiverFlag = "--as-receiver";

void WriteAll(int descriptor, const void* data, std::size_t size) {
  const char* from = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = write(descriptor, from, size);
    if (written <= 0) throw std::runtime_error("the receiver's pipe is closed");
    from += written;
    size -= static_cast<std::size_t>(written);
  }
}

bool ReadAll(int descriptor, void* data, std::size_t size) {
  char* to = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = read(descriptor, to, size);
    if (got <= 0) return false;
    to += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

class TimingHandler final : public v1::DefaultUpdateHandler {
 public:
  Outcome OnMessage(const v1::Message& message, const UpdateContext&) override {
    const std::int64_t now = std::chrono::steady_clock::now().time_since_epoch().count();
    const std::lock_guard guard(mutex_);
    latencies_ns_.push_back(now - std::strtoll(message.message_id().c_str(), nullptr, 10));
    return Outcome::Done();
  }

  std::vector<std::int64_t> Take() {
    const std::lock_guard guard(mutex_);
    return std::exchange(latencies_ns_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::int64_t> latencies_ns_;
};

}  // namespace

ReceiverProcess::ReceiverProcess(const std::string& domain, const TlsFiles& tls,
                                 const std::string& store_path) {
  int to_child[2];
  int from_child[2];
  if (pipe(to_child) != 0 || pipe(from_child) != 0) throw std::runtime_error("cannot make pipes");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to_child[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, from_child[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, to_child[1]);
  posix_spawn_file_actions_addclose(&actions, from_child[0]);
  std::string arguments[] = {"receiver",      kReceiverFlag,   domain,    tls.certificate,
                             tls.private_key, tls.authorities, store_path};
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const int result = posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(to_child[0]);
  close(from_child[1]);
  to_child_ = to_child[1];
  from_child_ = from_child[0];
  if (result != 0 || !ReadAll(from_child_, &port_, sizeof port_))
    throw std::runtime_error("the receiver did not start");
}

ReceiverProcess::~ReceiverProcess() {
  close(to_child_);  // the receiver ends when its standard input does
  close(from_child_);
  waitpid(pid_, nullptr, 0);
}

std::vector<std::int64_t> ReceiverProcess::TakeLatencies_ns() {
  WriteAll(to_child_, "t", 1);
  std::uint64_t count = 0;
  if (!ReadAll(from_child_, &count, sizeof count)) throw std::runtime_error("the receiver has ended");
  std::vector<std::int64_t> latencies(count);
  ReadAll(from_child_, latencies.data(), count * sizeof(std::int64_t));
  std::sort(latencies.begin(), latencies.end());
  return latencies;
}

bool IsReceiver(int argc, char** argv) { return argc == 7 && std::strcmp(argv[1], kReceiverFlag) == 0; }

int ReceiverMain(char** argv) {
  auto store = OpenSqliteStore(argv[6]);
  if (!store.ok()) return fmt::print(stderr, "{}\n", store.status().ToString()), 1;
  NodeOptions options;
  options.domain = argv[2];
  options.listen = {"127.0.0.1", 0};
  options.tls = {argv[3], argv[4], argv[5]};
  auto node = Node::Create(options, **store);
  if (!node.ok()) return fmt::print(stderr, "{}\n", node.status().ToString()), 1;
  TimingHandler handler;
  v1::UpdateReceiver receiver(handler);
  (*node)->Receive(receiver);
  const absl::Status started = (*node)->Start();
  if (!started.ok()) return fmt::print(stderr, "{}\n", started.ToString()), 1;
  const std::uint16_t port = (*node)->port();
  WriteAll(STDOUT_FILENO, &port, sizeof port);
  char command = 0;
  while (ReadAll(STDIN_FILENO, &command, 1)) {
    const std::vector<std::int64_t> latencies = handler.Take();
    const std::uint64_t count = latencies.size();
    WriteAll(STDOUT_FILENO, &count, sizeof count);
    WriteAll(STDOUT_FILENO, latencies.data(), count * sizeof(std::int64_t));
  }
  (*node)->Stop();
  return 0;
}

}  // namespace federation::bench
