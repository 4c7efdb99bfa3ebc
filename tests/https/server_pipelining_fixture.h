#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include "https/server.h"
#include "https/server_fixture.h"

namespace federation::https {

// A handler that keeps the requests until the test answers them.
class Kept {
 public:
  Server::Handler handler() {
    return [this](Request request, Server::Respond respond) {
      const std::lock_guard lock(mutex_);
      bodies_.push_back(request.body);
      connections_.push_back(request.connection);
      waiting_.push_back(std::move(respond));
      changed_.notify_all();
    };
  }

  // Waits until so many have come; fails if they do not.
  void Await(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return waiting_.size() >= count; }));
  }
  // How many have come.
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }
  void Answer(std::size_t index) {
    Server::Respond respond;
    Response response;
    {
      const std::lock_guard lock(mutex_);
      ASSERT_LT(index, waiting_.size());
      respond = waiting_[index];
      response.body = absl::StrCat("answer to ", bodies_[index]);
    }
    respond(std::move(response));
  }
  std::vector<std::uint64_t> connections() {
    const std::lock_guard lock(mutex_);
    return connections_;
  }

 private:
  static constexpr std::chrono::seconds kPatience{20};

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> bodies_;
  std::vector<std::uint64_t> connections_;
  std::vector<Server::Respond> waiting_;
};

class ServerPipeliningTest : public ServerTest {
 protected:
  // Whether the handler gets no more than it has, while the loop has had its chance.
  void ExpectNoMoreThan(std::size_t count, Kept& kept, TestServer& server) {
    support::RawTlsConnection other = Connect(server);
    ASSERT_TRUE(other.Send("GET / HTTP/1.1\r\n\r\n"));
    EXPECT_EQ(other.Receive()->status(), 400);
    Settle(server.loop());
    EXPECT_EQ(kept.count(), count);
  }

  static void ExpectAnswers(support::RawTlsConnection& connection, const std::vector<std::string>& to) {
    for (const std::string& body : to) {
      const std::optional<support::RawMessage> answer = connection.Receive();
      ASSERT_TRUE(answer) << body;
      EXPECT_EQ(answer->body, "answer to " + body);
    }
  }

  Kept kept_;
};

// So many requests whose bodies are their numbers.
inline std::string Numbered(int count) {
  std::string requests;
  for (int i = 0; i < count; ++i) requests += GoodRequest(absl::StrCat(i));
  return requests;
}

}  // namespace federation::https
