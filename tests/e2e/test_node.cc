#include "e2e/test_node.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "support/eventually.h"

#include <sqlite3.h>

namespace federation::e2e {
namespace {

constexpr char kReady[] = "fednode: ready:";

std::size_t Count(const std::string& text, const std::string& piece) {
  std::size_t count = 0;
  for (std::size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) ++count;
  return count;
}

Finished Finish(support::Process& process, const std::string& files) {
  std::optional<support::Ending> ending = process.Wait(std::chrono::seconds{60});
  if (!ending) throw std::runtime_error("a command does not end");
  return {*ending, support::ReadFile(files + ".out"), support::ReadFile(files + ".err")};
}

}  // namespace

TestNode::TestNode(std::string domain, const std::string& folder, TlsFiles tls)
    : domain_(std::move(domain)), folder_(folder), tls_(std::move(tls)), out_(File("out")) {}

void TestNode::AddPeer(const std::string& domain, std::uint16_t port) {
  AddOptions({"--peer", domain + "=127.0.0.1:" + std::to_string(port)});
}

void TestNode::AddOptions(const std::vector<std::string>& options) {
  options_.insert(options_.end(), options.begin(), options.end());
}

std::vector<std::string> TestNode::Command() const {
  std::vector<std::string> command = {FEDNODE_PATH,
                                      "--domain",
                                      domain_,
                                      "--listen",
                                      "127.0.0.1:" + std::to_string(port()),
                                      "--tls-cert",
                                      tls_.certificate,
                                      "--tls-key",
                                      tls_.private_key,
                                      "--tls-ca",
                                      tls_.authorities,
                                      "--store",
                                      "sqlite:" + File("db"),
                                      "--admin",
                                      "unix:" + File("sock")};
  // Nodes of tests ask nobody outside where others are, unless the test says whom.
  if (std::find(options_.begin(), options_.end(), "--dns-server") == options_.end()) {
    command.insert(command.end(), {"--discovery", "off"});
  }
  command.insert(command.end(), options_.begin(), options_.end());
  return command;
}

void TestNode::Start() {
  std::size_t ready_before = Count(Log(), kReady);
  process_ =
      std::make_unique<support::Process>(Command(), support::StandardFiles{"/dev/null", out_, File("err")});
  bool settled =
      support::Eventually([&] { return Count(Log(), kReady) > ready_before || !process_->IsRunning(); });
  if (!settled || !process_->IsRunning()) throw std::runtime_error(domain_ + " does not start: " + Log());
}

Finished TestNode::Fedctl(std::vector<std::string> arguments, const std::string& input) {
  std::string name = "fedctl" + std::to_string(++commands_);
  std::string input_path = File(name + ".in");
  std::ofstream(input_path, std::ios::binary) << input;
  return Finish(*StartFedctl(std::move(arguments), name, input_path), File(name));
}

std::unique_ptr<support::Process> TestNode::StartFedctl(std::vector<std::string> arguments,
                                                        const std::string& name,
                                                        const std::string& input_path) {
  std::vector<std::string> command = {FEDCTL_PATH, "--admin", "unix:" + File("sock")};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return std::make_unique<support::Process>(
      command, support::StandardFiles{input_path, File(name + ".out"), File(name + ".err")});
}

std::string TestNode::File(const std::string& ending) const { return folder_ + "/" + domain_ + "." + ending; }

std::vector<AppliedRow> TestNode::Applied(const std::string& origin) const {
  std::vector<AppliedRow> rows;
  for (std::vector<std::string>& row :
       Query("SELECT origin, seq, update_json FROM fednode_history WHERE origin = '" + origin +
             "' ORDER BY id")) {
    rows.push_back({std::move(row[0]), std::stoull(row[1]), std::move(row[2])});
  }
  return rows;
}

std::uint64_t TestNode::CountApplied(const std::string& origin) const {
  return QueryNumber("SELECT count(*) FROM fednode_history WHERE origin = '" + origin + "'");
}

std::uint64_t TestNode::Assigned(const std::string& destination) const {
  // What the link's row has is a lower bound; the waiting updates tell the rest.
  return QueryNumber(
      "SELECT max(assigned, coalesce((SELECT max(last) FROM federation_outbox WHERE link = id), 0)) "
      "FROM federation_link WHERE destination = '" +
      destination + "'");
}

std::uint64_t TestNode::Acked(const std::string& destination) const {
  return QueryNumber("SELECT acked FROM federation_link WHERE destination = '" + destination + "'");
}

std::uint64_t TestNode::CountQuarantined(const std::string& origin) const {
  return QueryNumber("SELECT count(*) FROM federation_quarantine WHERE origin = '" + origin + "'");
}

std::vector<std::vector<std::string>> TestNode::Query(const std::string& sql) const {
  std::vector<std::vector<std::string>> rows;
  auto add = [](void* out, int columns, char** values, char**) {
    static_cast<std::vector<std::vector<std::string>>*>(out)->emplace_back(values, values + columns);
    return 0;
  };
  sqlite3* connection = nullptr;
  int result = sqlite3_open_v2(File("db").c_str(), &connection, SQLITE_OPEN_READWRITE, nullptr);
  sqlite3_busy_timeout(connection, 10'000);
  if (result == SQLITE_OK) result = sqlite3_exec(connection, sql.c_str(), add, &rows, nullptr);
  std::string error = sqlite3_errmsg(connection);
  sqlite3_close(connection);
  if (result != SQLITE_OK) throw std::runtime_error(sql + ": " + error);
  return rows;
}

std::uint64_t TestNode::QueryNumber(const std::string& sql) const {
  std::vector<std::vector<std::string>> rows = Query(sql);
  return rows.empty() ? 0 : std::stoull(rows[0][0]);
}

Finished RunToEnd(const std::vector<std::string>& command, const std::string& folder) {
  std::string files = folder + "/command";
  support::Process process(command, {"/dev/null", files + ".out", files + ".err"});
  return Finish(process, files);
}

}  // namespace federation::e2e
