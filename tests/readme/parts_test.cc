// The pieces of code in README.md, in functions that hold what they take for granted.
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "federation/node.h"
#include "federation/sqlite_store.h"

#include "chat/v1/chat.federation.h"
#include "chat/v1/directory.federation.h"
#include "support/temporary_folder.h"
#include "support/test_ca.h"

#include <sqlite3.h>

namespace federation {
namespace {

using OpenedStore = absl::StatusOr<std::unique_ptr<Store>>;

#include "parts/service.inc"

class ReadmeParts : public testing::Test {
 protected:
  NodeOptions OptionsOf(const std::string& domain) {
    NodeOptions options{.domain = domain, .listen = {"127.0.0.1", 0}};
    options.tls = ca_.Issue(domain);
    return options;
  }
  OpenedStore OpenStore(const std::string& domain) { return OpenSqliteStore(folder_.File(domain)); }

  TemporaryFolder folder_;
  support::TestCa ca_;
};

void Send(const OpenedStore& store, Outgoing& node, const std::string& peer) {
  chat::v1::UpdateSender sender(node);
  chat::v1::Line line;
#include "parts/own_transaction.inc"
#include "parts/weak.inc"
}

TEST_F(ReadmeParts, SendIfAndOnlyIfTheTransactionCommits) {
  const OpenedStore store = OpenStore("alpha.test");
  ASSERT_TRUE(store.ok()) << store.status();
  const auto node = Node::Create(OptionsOf("alpha.test"), **store);
  ASSERT_TRUE(node.ok()) << node.status();
  Send(store, **node, "bravo.test");
  EXPECT_EQ((*store)->Link("bravo.test")->numbers.assigned, Seq{0}) << "there is no table yet";
  const absl::Status created = (*store)->Transact([](Transaction& transaction) {
    sqlite3_exec(*SqliteConnection(transaction), "CREATE TABLE said (text TEXT)", nullptr, nullptr, nullptr);
    return absl::OkStatus();
  });
  ASSERT_TRUE(created.ok()) << created;
  Send(store, **node, "bravo.test");
  EXPECT_EQ((*store)->Link("bravo.test")->numbers.assigned, Seq{1});
}

int ServeSeveral(const absl::StatusOr<HostPort>& listen, std::vector<std::unique_ptr<Store>>& stores,
                 std::vector<std::unique_ptr<Node>>& nodes) {
#include "parts/domains.inc"
  return 0;
}

TEST_F(ReadmeParts, ServeSeveralDomainsOnOnePort) {
  for (const std::string domain : {"alpha.test", "carol.test"}) {
    const TlsFiles files = ca_.Issue(domain);
    std::filesystem::copy_file(files.certificate, folder_.File(domain + ".crt"));
    std::filesystem::copy_file(files.private_key, folder_.File(domain + ".key"));
  }
  std::filesystem::copy_file(ca_.authorities(), folder_.File("ca.crt"));
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.File(""));
  std::vector<std::unique_ptr<Store>> stores;
  std::vector<std::unique_ptr<Node>> nodes;
  EXPECT_EQ(ServeSeveral(HostPort{"127.0.0.1", 0}, stores, nodes), 0);
  std::filesystem::current_path(before);
  ASSERT_EQ(nodes.size(), 2U);
  EXPECT_EQ(nodes[0]->port(), nodes[1]->port());
  EXPECT_EQ(nodes[1]->domain(), "carol.test");
}

int Ask(const NodeOptions& options, const OpenedStore& store, const std::string& peer, std::string* answer) {
#include "parts/ask.inc"
  if (users.ok()) *answer = users->user_ids(0);
  return 0;
}

TEST_F(ReadmeParts, AskAndAnswer) {
  const OpenedStore bravo_store = OpenStore("bravo.test");
  Directory directory;
  chat::v1::DirectoryDispatcher dispatcher(directory);
  const auto bravo = Node::Create(OptionsOf("bravo.test"), **bravo_store);
  ASSERT_TRUE(bravo.ok()) << bravo.status();
  ASSERT_TRUE((*bravo)->Serve(dispatcher).ok());
  ASSERT_TRUE((*bravo)->Start().ok());
  NodeOptions options = OptionsOf("alpha.test");
  options.peers["bravo.test"] = {"127.0.0.1", (*bravo)->port()};
  std::string answer;
  EXPECT_EQ(Ask(options, OpenStore("alpha.test"), "bravo.test", &answer), 0);
  EXPECT_EQ(answer, "steve@bravo.test");
}

}  // namespace
}  // namespace federation
