#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include "https/client.h"
#include "https/harness.h"
#include "support/raw_tls_connection.h"

namespace federation::https {

// An answer with status 200; `headers` end with CR LF.
inline std::string AnswerWith(std::string_view body, std::string_view headers = "") {
  return absl::StrCat("HTTP/1.1 200 OK\r\n", std::string(headers), "Content-Length: ", body.size(),
                      "\r\n\r\n", std::string(body));
}

inline Call PipelinedCallTo(std::uint16_t port, std::string body) {
  Call call = CallTo(port, std::move(body));
  call.pipelined = true;
  return call;
}

// The ends of calls, in the order in which they came: the answer's body, or the error.
class Ends {
 public:
  void Add(const absl::StatusOr<Answer>& answer) {
    const std::lock_guard lock(mutex_);
    ends_.push_back(answer.ok() ? answer->body : absl::StatusCodeToString(answer.status().code()));
    statuses_.push_back(answer.status());
    changed_.notify_all();
  }
  // Waits until there are so many; fails if they do not come.
  std::vector<std::string> Await(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return ends_.size() >= count; }));
    std::vector<std::string> ends = ends_;
    ends.resize(std::max(ends.size(), count));
    return ends;
  }
  std::string message(std::size_t index) {
    const std::lock_guard lock(mutex_);
    return std::string(statuses_.at(index).message());
  }

 private:
  static constexpr std::chrono::seconds kPatience{20};

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> ends_;
  std::vector<absl::Status> statuses_;
};

class ClientPipeliningTest : public ::testing::Test {
 protected:
  // Posts pipelined calls whose bodies are their numbers, from within one task.
  void PostNumbered(TestClient& client, std::uint16_t port, int from, int to) {
    client.loop().Post([this, &client, port, from, to] {
      for (int i = from; i < to; ++i) Post(client, PipelinedCallTo(port, absl::StrCat(i)));
    });
  }
  // To be used on the loop.
  void Post(TestClient& client, Call call) {
    client.client().Post(std::move(call),
                         [this](const absl::StatusOr<Answer>& answer) { ends_.Add(answer); });
  }

  support::TestCa ca_;
  TlsFiles alpha_ = ca_.Issue("alpha.test");
  TlsFiles bravo_ = ca_.Issue("bravo.test");
  Ends ends_;
};

// Receives so many requests; returns their bodies.
inline std::vector<std::string> ReceiveBodies(support::RawTlsConnection& connection, int count) {
  std::vector<std::string> bodies;
  for (int i = 0; i < count; ++i) {
    const std::optional<support::RawMessage> request = connection.Receive();
    if (!request) break;
    bodies.push_back(request->body);
  }
  return bodies;
}

}  // namespace federation::https
