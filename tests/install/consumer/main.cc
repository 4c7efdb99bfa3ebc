// Sends an update of the project's own schema into its own receiver, and makes sure that the runtime is
// linked.
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <federation/node.h>
#include <federation/sqlite_store.h>

#include "chat/v1/chat.federation.h"

namespace {

// Keeps the last update.
class Wire : public federation::Outgoing {
 public:
  absl::StatusOr<federation::Seq> SendStrong(std::string_view, std::string_view json) override {
    last = json;
    return federation::Seq{1};
  }
  absl::StatusOr<federation::Seq> SendStrong(federation::Transaction&, std::string_view destination,
                                             std::string_view json) override {
    return SendStrong(destination, json);
  }
  void SendStrongAsync(std::string_view destination, std::string_view json,
                       federation::SendDone done) override {
    done(SendStrong(destination, json));
  }
  absl::StatusOr<std::vector<federation::Seq>> SendStrongToAll(std::span<const std::string> destinations,
                                                               std::string_view json) override {
    last = json;
    return std::vector<federation::Seq>(destinations.size(), federation::Seq{1});
  }
  absl::StatusOr<std::vector<federation::Seq>> SendStrongToAll(federation::Transaction&,
                                                               std::span<const std::string> destinations,
                                                               std::string_view json) override {
    return SendStrongToAll(destinations, json);
  }
  absl::Status SendWeak(std::string_view, std::string_view, std::string_view) override {
    return absl::OkStatus();
  }

  std::string last;
};

class Handler : public chat::v1::DefaultChatUpdateHandler {
 public:
  federation::Outcome OnSaid(const chat::v1::Said& said, const federation::UpdateContext&) override {
    heard = said.room().name() + ": " + said.text();
    return federation::Outcome::Done();
  }

  std::string heard;
};

bool SaysWhatItHears() {
  Wire wire;
  chat::v1::Said said;
  said.mutable_room()->set_name("kitchen");
  said.set_text("tea?");
  if (!chat::v1::ChatUpdateSender(wire).SendSaid("bravo.test", said).ok()) return false;
  Handler handler;
  federation::UpdateContext context;
  context.delivery = federation::Delivery::kStrong;
  chat::v1::ChatUpdateReceiver(handler).Receive(wire.last, context);
  std::cout << handler.heard << '\n';
  return handler.heard == "kitchen: tea?";
}

bool OpensAStoreAndChecksANode(const std::string& path) {
  const auto store = federation::OpenSqliteStore(path);
  if (!store.ok()) {
    std::cerr << store.status() << '\n';
    return false;
  }
  return federation::Node::Create({}, **store).status().code() == absl::StatusCode::kInvalidArgument;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: consumer_main STORE\n";
    return 1;
  }
  return SaysWhatItHears() && OpensAStoreAndChecksANode(argv[1]) ? 0 : 1;
}
