#include <fstream>
#include <signal.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "e2e/federation_fixture.h"
#include "support/eventually.h"
#include "support/process.h"

// The programs, as their users meet them.
namespace federation::e2e {
namespace {

using support::Ending;
using support::Eventually;
using support::Process;
using support::ReadFile;
using support::ReadLines;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FednodeTest : public FederationFixture {
 protected:
  Finished Fednode(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), FEDNODE_PATH);
    return RunToEnd(arguments, folder_.File(""));
  }
};

using FedctlTest = FederationFixture;

TEST_F(FednodeTest, ExitsWithZeroAndRemovesItsSocketWhenItIsTerminated) {
  MakePair();
  for (int signal : {SIGTERM, SIGINT}) {
    alpha_->Start();
    EXPECT_EQ(alpha_->Fedctl({"links"}).ending.code, 0);
    alpha_->process().Signal(signal);
    std::optional<Ending> ending = alpha_->process().Wait();
    ASSERT_TRUE(ending) << "it does not end";
    EXPECT_EQ(ending->code, 0);
    struct stat info;
    EXPECT_NE(::stat(alpha_->File("sock").c_str(), &info), 0);
  }
}

TEST_F(FednodeTest, ReadsItsTlsFilesAgainOnSighupAndDropsNoLink) {
  MakePair();
  alpha_->Start();
  bravo_->Start();
  const std::string& certificate = alpha_->tls().certificate;
  const std::string good = ReadFile(certificate);
  std::uint64_t sent = 0;
  const auto expect_delivers = [&] {
    ASSERT_EQ(alpha_->Fedctl({"send", "bravo.test", NumberedUpdate(++sent)}).ending.code, 0);
    EXPECT_TRUE(Eventually([&] { return bravo_->CountApplied("alpha.test") == sent; }));
  };
  expect_delivers();
  std::ofstream(certificate) << "this is no PEM\n";
  alpha_->process().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] {
    return alpha_->Log().find("the TLS files stay as they were: certificate " + certificate) !=
           std::string::npos;
  }));
  expect_delivers();
  std::ofstream(certificate) << good;
  alpha_->process().Signal(SIGHUP);
  EXPECT_TRUE(
      Eventually([&] { return alpha_->Log().find("the TLS files were read again") != std::string::npos; }));
  expect_delivers();
  alpha_->process().Signal(SIGTERM);
  EXPECT_EQ(alpha_->process().Wait()->code, 0);
}

TEST_F(FednodeTest, LosesNothingWhenItIsTerminatedInTheMiddle) {
  constexpr std::uint64_t kMany = 20'000;
  MakePair();
  alpha_->Start();
  ASSERT_TRUE(AcceptedAll(alpha_->Fedctl({"send", "bravo.test", "-"}, NumberedLines(kMany)), kMany));
  bravo_->Start();
  ASSERT_TRUE(Eventually([&] { return bravo_->CountApplied("alpha.test") > 0; }));
  bravo_->process().Signal(SIGTERM);
  ASSERT_TRUE(bravo_->process().Wait());
  EXPECT_EQ(bravo_->process().Wait()->code, 0);
  EXPECT_EQ(bravo_->Printed().size(), bravo_->CountApplied("alpha.test")) << "what was applied was printed";
  bravo_->Start();
  EXPECT_TRUE(Eventually([&] { return bravo_->Printed().size() >= kMany; }));
  EXPECT_TRUE(IsWholeSeries(bravo_->Applied("alpha.test"), kMany));
  EXPECT_EQ(bravo_->Printed().size(), kMany);
}

TEST_F(FednodeTest, ServesItsSocketToItsUserOnly) {
  MakePair();
  alpha_->Start();
  struct stat info;
  ASSERT_EQ(::stat(alpha_->File("sock").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(FednodeTest, DescribesItsAdminServiceByReflection) {
  MakePair();
  alpha_->Start();
  // A gRPC frame with the request to list the services: field 7, a string.
  std::string request = folder_.File("request");
  std::ofstream(request, std::ios::binary) << std::string("\0\0\0\0\3\x3a\1*", 8);
  Finished curl =
      RunToEnd({"/usr/bin/curl", "--silent", "--http2-prior-knowledge", "--unix-socket", alpha_->File("sock"),
                "--header", "content-type: application/grpc", "--header", "te: trailers", "--data-binary",
                "@" + request, "http://node/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"},
               folder_.File(""));
  EXPECT_EQ(curl.ending.code, 0) << curl.err;
  EXPECT_THAT(curl.out, HasSubstr("federation.admin.v1.Admin"));
}

TEST_F(FednodeTest, DoesNotTakeTheSocketOfARunningNode) {
  MakePair();
  alpha_->Start();
  std::vector<std::string> command = bravo_->Command();
  for (std::string& argument : command) {
    if (argument == "unix:" + bravo_->File("sock")) argument = "unix:" + alpha_->File("sock");
  }
  Finished second = RunToEnd(command, folder_.File(""));
  EXPECT_EQ(second.ending.code, 1);
  EXPECT_THAT(second.err, HasSubstr("another process listens"));
  EXPECT_EQ(alpha_->Fedctl({"links"}).ending.code, 0);
}

TEST_F(FednodeTest, RefusesUnknownOptions) {
  Finished fednode = Fednode({"--domain", "alpha.test", "--frobnicate"});
  EXPECT_EQ(fednode.ending.code, 2);
  EXPECT_THAT(fednode.err, HasSubstr("--frobnicate"));
}

TEST_F(FednodeTest, RefusesUnknownKeysInItsConfigFile) {
  std::ofstream(folder_.File("node.toml")) << "domain = \"alpha.test\"\nfrobnicate = 1\n";
  Finished fednode = Fednode({"--config", folder_.File("node.toml")});
  EXPECT_EQ(fednode.ending.code, 2);
  EXPECT_THAT(fednode.err, HasSubstr("line 2: unknown key `frobnicate`"));
}

TEST_F(FednodeTest, RefusesFilesThatAreNotThere) {
  MakePair();
  std::vector<std::string> command = alpha_->Command();
  for (std::string& argument : command) {
    if (argument == alpha_->tls().certificate) argument = folder_.File("nowhere.pem");
  }
  Finished fednode = RunToEnd(command, folder_.File(""));
  EXPECT_EQ(fednode.ending.code, 2);
  EXPECT_THAT(fednode.err, HasSubstr("nowhere.pem"));
}

TEST_F(FednodeTest, RunsFromAConfigFileAlone) {
  MakePair();
  std::ofstream(folder_.File("node.toml"))
      << "domain = \"alpha.test\"\nlisten = \"127.0.0.1:0\"\ntls-cert = \"" << alpha_->tls().certificate
      << "\"\ntls-key = \"" << alpha_->tls().private_key << "\"\nstore = \"sqlite:" << folder_.File("toml.db")
      << "\"\n";
  std::string log = folder_.File("toml.err");
  Process node({FEDNODE_PATH, "--config", folder_.File("node.toml")}, {"/dev/null", "/dev/null", log});
  EXPECT_TRUE(Eventually([&] {
    return ReadFile(log).find("ready: alpha.test listens on 127.0.0.1:") != std::string::npos;
  })) << ReadFile(log);
  node.Signal(SIGTERM);
  ASSERT_TRUE(node.Wait());
  EXPECT_EQ(node.Wait()->code, 0);
}

TEST_F(FedctlTest, NamesThePlaceInAnUpdateThatIsWrong) {
  MakePair();
  alpha_->Start();
  Finished fedctl =
      alpha_->Fedctl({"send", "bravo.test", R"({"update":"message","peer":{"type":"group","id":"soon"}})"});
  EXPECT_EQ(fedctl.ending.code, 1);
  EXPECT_THAT(fedctl.err, AllOf(HasSubstr("peer.id"), HasSubstr("soon")));
  EXPECT_EQ(fedctl.out, "accepted 0 updates: 0 strong, 0 weak\n");
  EXPECT_EQ(alpha_->Assigned("bravo.test"), 0u);
}

TEST_F(FedctlTest, NamesTheLineThatIsWrongAndSaysHowManyWereAccepted) {
  MakePair();
  alpha_->Start();
  std::string lines =
      NumberedLines(2) + "\n" + kTyping + "\n" + "{\"update\":\"message\",}\n" + NumberedUpdate(4) + "\n";
  Finished fedctl = alpha_->Fedctl({"send", "bravo.test", "-"}, lines);
  EXPECT_EQ(fedctl.ending.code, 1);
  EXPECT_THAT(fedctl.err, HasSubstr("line 5: "));
  EXPECT_EQ(fedctl.out, "accepted 3 updates: 2 strong, 1 weak, last seq 2\n");
  EXPECT_EQ(alpha_->Assigned("bravo.test"), 2u);
}

TEST_F(FedctlTest, RefusesADestinationThatIsNoDomain) {
  MakePair();
  alpha_->Start();
  Finished fedctl = alpha_->Fedctl({"send", "Not A Domain", NumberedUpdate(1)});
  EXPECT_EQ(fedctl.ending.code, 1);
  EXPECT_THAT(fedctl.err, HasSubstr("destination"));
}

TEST_F(FedctlTest, SaysThatNoNodeIsThere) {
  MakePair();
  Finished fedctl = alpha_->Fedctl({"links"});
  EXPECT_EQ(fedctl.ending.code, 1);
  EXPECT_THAT(fedctl.err, HasSubstr("no node at unix:" + alpha_->File("sock")));
  EXPECT_EQ(alpha_->Fedctl({"frobnicate"}).ending.code, 2);
}

TEST_F(FedctlTest, ShowsUpdatesAsTheyComeAndGo) {
  MakePair();
  alpha_->Start();
  bravo_->Start();
  std::unique_ptr<Process> out = alpha_->StartFedctl({"tail"}, "tail");
  std::unique_ptr<Process> in = bravo_->StartFedctl({"tail"}, "tail");
  for (TestNode* node : {alpha_.get(), bravo_.get()}) {
    ASSERT_TRUE(Eventually(
        [&] { return ReadFile(node->File("tail.err")).find("reads along") != std::string::npos; }));
  }
  alpha_->Fedctl({"send", "bravo.test", NumberedUpdate(1)});
  EXPECT_TRUE(Eventually([&] { return !ReadLines(bravo_->File("tail.out")).empty(); }));
  std::string rest = R"("seq":1,"update":)" + NumberedUpdate(1) + "}";
  EXPECT_THAT(ReadLines(alpha_->File("tail.out")),
              ElementsAre(R"({"direction":"out","peer":"bravo.test",)" + rest));
  EXPECT_THAT(ReadLines(bravo_->File("tail.out")),
              ElementsAre(R"({"direction":"in","peer":"alpha.test",)" + rest));
  alpha_->process().Signal(SIGTERM);
  ASSERT_TRUE(out->Wait()) << "a reader holds up the node or stays behind";
  EXPECT_EQ(out->Wait()->code, 1);
  EXPECT_THAT(ReadFile(alpha_->File("tail.err")), HasSubstr("the node stops"));
  EXPECT_EQ(alpha_->process().Wait()->code, 0);
}

TEST_F(FedctlTest, ListsALinkARow) {
  MakePair();
  alpha_->Start();
  Finished table = alpha_->Fedctl({"links"});
  EXPECT_EQ(table.ending.code, 0);
  EXPECT_THAT(table.out, AllOf(HasSubstr("DESTINATION"), HasSubstr("\nbravo.test")));
  EXPECT_THAT(alpha_->Fedctl({"links", "--json"}).out,
              HasSubstr(R"({"destination":"bravo.test","assigned":0,"acked":0,"pending":0,"last_heard":)"));
}

}  // namespace
}  // namespace federation::e2e
