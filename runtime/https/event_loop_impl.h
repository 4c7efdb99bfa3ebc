#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>

#include "https/event_loop.h"
#include "https/net.h"

namespace federation::https {

struct EventLoop::Impl {
  void Run();

  // One thread runs it.
  asio::io_context context{1};
  asio::executor_work_guard<Executor> work = asio::make_work_guard(context);
  std::thread thread;
  std::atomic<std::thread::id> thread_id{};
};

// Runs `task` on the loop and waits for it; directly, if the loop has no thread or this is it.
void RunOnLoop(EventLoop& loop, const std::function<void()>& task);

}  // namespace federation::https
