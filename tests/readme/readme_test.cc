// Two copies of the program in README.md talk to each other, with the certificates that it makes.
#include <chrono>
#include <fcntl.h>
#include <optional>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/process.h"
#include "support/reserved_port.h"
#include "support/temporary_folder.h"

namespace federation {
namespace {

// A program in a folder.
std::vector<std::string> In(const std::string& folder, std::vector<std::string> command) {
  command.insert(command.begin(), {"/usr/bin/env", "--chdir", folder});
  return command;
}

// The program with its standard input a pipe that the test writes to, in the folder of its certificates.
class Chat {
 public:
  Chat(std::string folder, std::string domain, std::uint16_t port)
      : folder_(std::move(folder)), domain_(std::move(domain)), port_(port) {
    EXPECT_EQ(mkfifo(File("in").c_str(), 0600), 0);
  }

  void Start(const Chat& peer) {
    // For reading too, as the open would wait for a reader else.
    in_ = open(File("in").c_str(), O_RDWR | O_CLOEXEC);
    process_.emplace(In(folder_, {README_CHAT_PATH, domain_, std::to_string(port_), peer.domain_,
                                  std::to_string(peer.port_)}),
                     support::StandardFiles{File("in"), File("out"), File("err")});
  }
  void Say(const std::string& line) {
    const std::string text = line + "\n";
    EXPECT_EQ(write(in_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  // Ends its input, and waits until it ends.
  support::Ending Leave() {
    close(in_);
    return process_->Wait().value_or(support::Ending{});
  }
  std::vector<std::string> WaitForLines(std::size_t count) const {
    std::vector<std::string> lines;
    for (int i = 0; i < 2000 && lines.size() < count; ++i) {
      lines = support::ReadLines(File("out"));
      if (lines.size() < count) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return lines;
  }

 private:
  std::string File(const std::string& ending) const { return folder_ + "/" + domain_ + "." + ending; }

  const std::string folder_;
  const std::string domain_;
  const std::uint16_t port_;
  std::optional<support::Process> process_;
  int in_ = -1;
};

class Readme : public testing::Test {
 protected:
  // The certificates, as the page makes them.
  void SetUp() override {
    support::Process openssl(In(folder_, {"/bin/bash", "-e", README_FILES "/certificates.sh"}),
                             {.out = folder_ + "/openssl.log", .err = folder_ + "/openssl.log"});
    const std::optional<support::Ending> ending = openssl.Wait();
    ASSERT_TRUE(ending && ending->code == 0) << support::ReadFile(folder_ + "/openssl.log");
  }

  const TemporaryFolder temporary_;
  const std::string folder_ = temporary_.File(".");
  support::ReservedPort ports_[2];
  Chat alpha_{folder_, "alpha.test", ports_[0].port()};
  Chat bravo_{folder_, "bravo.test", ports_[1].port()};
};

TEST_F(Readme, ShowsAProgramThatDelivers) {
  alpha_.Start(bravo_);
  alpha_.Say("said before bravo was there");
  bravo_.Start(alpha_);
  bravo_.Say("Hello");
  EXPECT_THAT(alpha_.WaitForLines(1), testing::ElementsAre("bravo.test: Hello"));
  EXPECT_THAT(bravo_.WaitForLines(1), testing::ElementsAre("alpha.test: said before bravo was there"));
  EXPECT_EQ(alpha_.Leave().code, 0);
  EXPECT_EQ(bravo_.Leave().code, 0);
}

TEST_F(Readme, ShowsAProgramThatEndsWithItsInputAndDeliversLater) {
  alpha_.Start(bravo_);
  alpha_.Say("said to nobody");
  EXPECT_EQ(alpha_.Leave().code, 0);
  bravo_.Start(alpha_);
  alpha_.Start(bravo_);
  EXPECT_THAT(bravo_.WaitForLines(1), testing::ElementsAre("alpha.test: said to nobody"));
}

TEST_F(Readme, ShowsAProgramThatRefusesWhatIsNoPort) {
  const std::string err = folder_ + "/err";
  for (const auto& [port, peer_port] : {std::pair("x", "9881"), std::pair("9880", "70000")}) {
    support::Process chat(In(folder_, {README_CHAT_PATH, "alpha.test", port, "bravo.test", peer_port}),
                          {.err = err});
    EXPECT_EQ(chat.Wait().value_or(support::Ending{}).code, 2);
  }
  EXPECT_THAT(support::ReadFile(err), testing::AllOf(testing::HasSubstr(":x"), testing::HasSubstr(":70000")));
}

}  // namespace
}  // namespace federation
