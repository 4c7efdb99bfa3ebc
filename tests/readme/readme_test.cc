// Two copies of the program in README.md talk to each other.
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "e2e/process.h"
#include "e2e/reserved_port.h"
#include "support/temporary_folder.h"
#include "support/test_ca.h"

namespace federation {
namespace {

// The program in a folder with its certificates, its standard input a pipe that the test writes to.
class Chat {
 public:
  Chat(const TemporaryFolder& folder, support::TestCa& ca, std::string domain, std::uint16_t port)
      : folder_(folder.File(domain)), domain_(std::move(domain)), port_(port) {
    std::filesystem::create_directory(folder_);
    const TlsFiles files = ca.Issue(domain_);
    std::filesystem::copy_file(files.certificate, File(domain_ + ".crt"));
    std::filesystem::copy_file(files.private_key, File(domain_ + ".key"));
    std::filesystem::copy_file(files.authorities, File("ca.crt"));
    EXPECT_EQ(mkfifo(File("in").c_str(), 0600), 0);
    // For reading too, as the open would wait for a reader else.
    in_ = open(File("in").c_str(), O_RDWR | O_CLOEXEC);
  }

  void Start(const Chat& peer) {
    process_.emplace(
        std::vector<std::string>{"/usr/bin/env", "--chdir", folder_, README_CHAT_PATH, domain_,
                                 std::to_string(port_), peer.domain_, std::to_string(peer.port_)},
        e2e::StandardFiles{File("in"), File("out"), File("err")});
  }
  void Say(const std::string& line) {
    const std::string text = line + "\n";
    EXPECT_EQ(write(in_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  // Ends its input, and waits until it ends.
  e2e::Ending Leave() {
    close(in_);
    return process_->Wait().value_or(e2e::Ending{});
  }
  std::vector<std::string> WaitForLines(std::size_t count) const {
    std::vector<std::string> lines;
    for (int i = 0; i < 2000 && lines.size() < count; ++i) {
      lines = e2e::ReadLines(File("out"));
      if (lines.size() < count) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return lines;
  }

 private:
  std::string File(const std::string& name) const { return folder_ + "/" + name; }

  const std::string folder_;
  const std::string domain_;
  const std::uint16_t port_;
  std::optional<e2e::Process> process_;
  int in_ = -1;
};

TEST(Readme, ShowsAProgramThatDelivers) {
  TemporaryFolder folder;
  support::TestCa ca;
  const e2e::ReservedPort ports[2];
  Chat alpha(folder, ca, "alpha.test", ports[0].port());
  Chat bravo(folder, ca, "bravo.test", ports[1].port());
  alpha.Start(bravo);
  alpha.Say("said before bravo was there");
  bravo.Start(alpha);
  bravo.Say("Hello");
  EXPECT_THAT(alpha.WaitForLines(1), testing::ElementsAre("bravo.test: Hello"));
  EXPECT_THAT(bravo.WaitForLines(1), testing::ElementsAre("alpha.test: said before bravo was there"));
  EXPECT_EQ(alpha.Leave().code, 0);
  EXPECT_EQ(bravo.Leave().code, 0);
}

}  // namespace
}  // namespace federation
