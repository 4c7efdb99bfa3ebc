#include "node/worker_pool.h"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace federation::node {
namespace {

// Never reached unless something is wrong.
constexpr std::chrono::seconds kLong{30};

TEST(WorkerPool, RunsTasksThatComeTogetherOnOneThreadInTheirOrder) {
  WorkerPool workers(1);
  std::vector<int> order;
  for (int i = 0; i < 100; ++i) workers.Post([&order, i] { order.push_back(i); });
  workers.Stop();
  ASSERT_EQ(order.size(), 100);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(WorkerPool, GivesWhatWaitsBehindASlowTaskAnotherThread) {
  WorkerPool workers(4);
  // Each waits for the next one, the last one for nobody.
  std::vector<std::promise<void>> done(4);
  for (std::size_t i = 0; i < done.size(); ++i) {
    workers.Post([&done, i] {
      if (i + 1 < done.size()) {
        EXPECT_EQ(done[i + 1].get_future().wait_for(kLong), std::future_status::ready);
      }
      done[i].set_value();
    });
  }
  EXPECT_EQ(done[0].get_future().wait_for(kLong), std::future_status::ready);
}

TEST(WorkerPool, GivesATaskThatComesMuchLaterThanTheSlowOneAnotherThread) {
  WorkerPool workers(2);
  std::promise<void> begun;
  std::promise<void> second;
  std::promise<void> first;
  workers.Post([&] {
    begun.set_value();
    EXPECT_EQ(second.get_future().wait_for(kLong), std::future_status::ready);
    first.set_value();
  });
  begun.get_future().wait();
  // Longer than anybody stands by.
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  workers.Post([&second] { second.set_value(); });
  EXPECT_EQ(first.get_future().wait_for(kLong), std::future_status::ready);
}

TEST(WorkerPool, UsesAllItsThreadsAtTheSameTimeAgainAndAgain) {
  constexpr int kThreads = 8;
  WorkerPool workers(kThreads);
  for (int round = 0; round < 20; ++round) {
    auto running = std::make_shared<std::atomic<int>>(0);
    auto all = std::make_shared<std::promise<void>>();
    std::shared_future<void> go = all->get_future().share();
    std::vector<std::future<void>> ended;
    ended.reserve(kThreads);
    for (int i = 0; i < kThreads; ++i) {
      auto end = std::make_shared<std::promise<void>>();
      ended.push_back(end->get_future());
      workers.Post([running, all, go, end] {
        if (++*running == kThreads) all->set_value();
        EXPECT_EQ(go.wait_for(kLong), std::future_status::ready);
        end->set_value();
      });
    }
    for (std::future<void>& end : ended) end.wait();
    // Sometimes somebody still stands by, sometimes all sleep.
    if (round % 2 == 1) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

TEST(WorkerPool, FinishesWhatWasPostedAndWhatThatPosts) {
  std::atomic<int> runs = 0;
  WorkerPool workers(3);
  for (int i = 0; i < 50; ++i) {
    workers.Post([&] {
      ++runs;
      workers.Post([&] {
        ++runs;
        workers.Post([&runs] { ++runs; });
      });
    });
  }
  workers.Stop();
  EXPECT_EQ(runs, 150);
  workers.Stop();
}

TEST(WorkerPool, RunsTasksOfManyPosters) {
  std::atomic<int> runs = 0;
  WorkerPool workers(3);
  std::vector<std::thread> posters;
  posters.reserve(4);
  for (int i = 0; i < 4; ++i) {
    posters.emplace_back([&] {
      for (int j = 0; j < 5000; ++j) workers.Post([&runs] { ++runs; });
    });
  }
  for (std::thread& poster : posters) poster.join();
  workers.Stop();
  EXPECT_EQ(runs, 20'000);
}

TEST(WorkerPool, OutlivesExceptionsAndTasksThatPostWhenTheyAreDestroyed) {
  WorkerPool workers(1);
  std::promise<void> done;
  // Destroyed after its task, outside of all locks.
  struct PostsAtTheEnd {
    ~PostsAtTheEnd() {
      workers.Post([&done = done] { done.set_value(); });
    }
    WorkerPool& workers;
    std::promise<void>& done;
  };
  auto posts = std::shared_ptr<PostsAtTheEnd>(new PostsAtTheEnd{workers, done});
  workers.Post([posts] { throw std::runtime_error("a task that fails"); });
  posts.reset();
  workers.Post([] { throw 7; });
  EXPECT_EQ(done.get_future().wait_for(kLong), std::future_status::ready);
}

}  // namespace
}  // namespace federation::node
