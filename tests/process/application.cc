#include "process/application.h"

#include <algorithm>
#include <filesystem>
#include <signal.h>
#include <stdexcept>
#include <utility>

#include "process/event_log.h"
#include "support/eventually.h"

namespace federation::process {

using namespace std::chrono_literals;

Application::Application(std::string domain, std::string folder, const std::string& store_folder,
                         TlsFiles tls, std::uint64_t seed)
    : domain_(std::move(domain)),
      folder_(std::move(folder)),
      store_path_(store_folder + "/" + domain_ + ".db"),
      tls_(std::move(tls)),
      seed_(seed) {
  std::filesystem::create_directories(folder_);
}

void Application::Start() {
  ++life_;
  log_size_at_start_ = LogSize();
  std::vector<std::string> command = prefix_;
  command.insert(command.end(), {PROCESS_NODE_PATH, domain_, std::to_string(port_.port()), peer_->domain_,
                                 std::to_string(peer_->port_.port()), folder_, tls_.certificate,
                                 tls_.private_key, tls_.authorities, std::to_string(life_),
                                 std::to_string(seed_), std::to_string(pause_.count()), store_path_});
  process_ = std::make_unique<support::Process>(
      command, support::StandardFiles{"/dev/null", folder_ + "/out", folder_ + "/err"});
}

bool Application::WaitUntilItRuns() {
  const std::string event = "life " + std::to_string(life_);
  const bool settled = support::Eventually([&] { return HasEvent(event) || !process_->IsRunning(); }, 60s);
  if (!settled) throw std::runtime_error(domain_ + " does not start");
  return HasEvent(event);
}

void Application::StopSending() {
  process_->Signal(SIGUSR1);
  if (!support::Eventually([&] { return HasEvent("stopped"); }, 60s))
    throw std::runtime_error(domain_ + " does not stop to send");
}

bool Application::End() {
  process_->Signal(SIGTERM);
  const std::optional<support::Ending> ending = process_->Wait(60s);
  return ending.has_value() && ending->code == 0;
}

bool Application::HasEvent(const std::string& event) const {
  const std::vector<std::string> events = ReadEvents(log_path(), log_size_at_start_);
  return std::find(events.begin(), events.end(), event) != events.end();
}

std::uint64_t Application::LogSize() const {
  std::error_code no_log_yet;
  const std::uintmax_t size = std::filesystem::file_size(log_path(), no_log_yet);
  return no_log_yet ? 0 : size;
}

std::uint64_t Application::CountEvents(const std::string& word, std::uint64_t from) const {
  std::uint64_t count = 0;
  for (const std::string& event : ReadEvents(log_path(), from)) {
    if (event.starts_with(word + " ")) ++count;
  }
  return count;
}

}  // namespace federation::process
