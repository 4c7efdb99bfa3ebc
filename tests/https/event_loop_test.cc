#include "https/event_loop.h"

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "https/deadline.h"

namespace federation::https {
namespace {

// Waits until all that was posted before has run.
void Flush(EventLoop& loop) {
  std::promise<void> done;
  loop.Post([&done] { done.set_value(); });
  done.get_future().wait();
}

TEST(EventLoop, RunsTasksInOrderOnItsThread) {
  EventLoop loop;
  std::vector<int> order;
  bool on_loop = true;
  loop.Post([&] { order.push_back(0); });
  EXPECT_TRUE(order.empty());
  loop.Start();
  for (int i = 1; i < 100; ++i) {
    loop.Post([&, i] {
      order.push_back(i);
      on_loop = on_loop && loop.IsCurrentThread();
    });
  }
  Flush(loop);
  ASSERT_EQ(order.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
  EXPECT_TRUE(on_loop);
  EXPECT_FALSE(loop.IsCurrentThread());
}

TEST(EventLoop, GoesOnAfterATaskThatThrows) {
  EventLoop loop;
  loop.Start();
  loop.Post([] { throw std::runtime_error("broken task"); });
  loop.Post([] { throw 1; });
  Flush(loop);
}

TEST(EventLoop, DropsWhatIsQueuedWhenItStops) {
  auto token = std::make_shared<int>(0);
  {
    EventLoop loop;
    loop.Start();
    loop.Stop();
    loop.Stop();
    loop.Post([token] { ++*token; });
  }
  EXPECT_EQ(*token, 0);
  EXPECT_EQ(token.use_count(), 1);
}

TEST(EventLoopTimer, RunsItsTaskOnce) {
  EventLoop loop;
  EventLoop::Timer timer(loop);
  loop.Start();
  int runs = 0;
  std::promise<void> second;
  loop.Post([&] {
    timer.Set(std::chrono::milliseconds(1), [&] {
      ++runs;
      // A timer may be set again by its own task.
      timer.Set(std::chrono::milliseconds(1), [&] { second.set_value(); });
    });
  });
  second.get_future().wait();
  EXPECT_EQ(runs, 1);
  loop.Stop();
}

TEST(EventLoopTimer, ReplacesAndCancelsWhatWasSet) {
  EventLoop loop;
  auto replaced = std::make_unique<EventLoop::Timer>(loop);
  auto cancelled = std::make_unique<EventLoop::Timer>(loop);
  auto destroyed = std::make_unique<EventLoop::Timer>(loop);
  EventLoop::Timer between(loop);
  loop.Start();
  std::string ran;
  std::promise<void> done;
  loop.Post([&] {
    // All are due at once when the loop looks at them again.
    for (auto* timer : {&replaced, &cancelled, &destroyed}) {
      (*timer)->Set(std::chrono::milliseconds(0), [&ran] { ran += "old "; });
    }
    between.Set(std::chrono::milliseconds(5), [&ran] { ran += "between "; });
    replaced->Set(std::chrono::milliseconds(10), [&] {
      ran += "new";
      done.set_value();
    });
    cancelled->Cancel();
    destroyed.reset();
  });
  done.get_future().wait();
  EXPECT_EQ(ran, "between new");
  loop.Stop();
}

TEST(Deadline, PassesOnceAndMayBeMoved) {
  EventLoop loop;
  int passed = 0;
  std::promise<void> first;
  std::promise<void> second;
  Deadline deadline(loop, [&] {
    ++passed;
    if (passed == 1) first.set_value();
    if (passed == 2) second.set_value();
  });
  loop.Start();
  const auto start = std::chrono::steady_clock::now();
  loop.Post([&] {
    deadline.Set(std::chrono::milliseconds(5));
    deadline.Set(std::chrono::milliseconds(60));  // later than the timer that is set
  });
  first.get_future().wait();
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(60));
  loop.Post([&] {
    deadline.Set(std::chrono::hours(1));
    deadline.Set(std::chrono::milliseconds(5));  // earlier
  });
  second.get_future().wait();
  loop.Stop();
}

TEST(Deadline, DoesNotPassAfterClear) {
  EventLoop loop;
  bool passed = false;
  Deadline deadline(loop, [&] { passed = true; });
  EventLoop::Timer later(loop);
  loop.Start();
  std::promise<void> done;
  loop.Post([&] {
    deadline.Set(std::chrono::milliseconds(1));
    deadline.Clear();
    later.Set(std::chrono::milliseconds(20), [&done] { done.set_value(); });
  });
  done.get_future().wait();
  EXPECT_FALSE(passed);
  loop.Stop();
}

}  // namespace
}  // namespace federation::https
