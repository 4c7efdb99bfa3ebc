#include "https/event_loop.h"

#include <cstdint>
#include <exception>
#include <future>
#include <pthread.h>
#include <signal.h>
#include <utility>

#include <boost/asio/post.hpp>

#include "https/event_loop_impl.h"
#include "log/log.h"

namespace federation::https {

void EventLoop::Impl::Run() {
  thread_id = std::this_thread::get_id();
  for (;;) {
    try {
      context.run();
      return;
    } catch (const std::exception& exception) {
      Log().error("a task on the network thread threw: {}", exception.what());
    } catch (...) {
      Log().error("a task on the network thread threw something that is no exception");
    }
  }
}

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}

EventLoop::~EventLoop() { Stop(); }

void EventLoop::Start() {
  // The thread takes no signals. Those of the process are its other threads' business, and SIGPIPE would end
  // the process when a peer closes its connection.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  impl_->thread = std::thread([impl = impl_.get()] { impl->Run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void EventLoop::Stop() {
  impl_->context.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

void EventLoop::Post(std::function<void()> task) { asio::post(impl_->context, std::move(task)); }

bool EventLoop::IsCurrentThread() const { return impl_->thread_id.load() == std::this_thread::get_id(); }

struct EventLoop::Timer::Impl {
  explicit Impl(asio::io_context& context) : alarm(context) {}

  Alarm alarm;
  // Counts what was set and cancelled: an expiry that is already queued belongs to an older count.
  std::uint64_t generation = 0;
  std::function<void()> task;
};

EventLoop::Timer::Timer(EventLoop& loop) : impl_(std::make_shared<Impl>(loop.impl().context)) {}

EventLoop::Timer::~Timer() { Cancel(); }

void EventLoop::Timer::Set(std::chrono::milliseconds delay, std::function<void()> task) {
  impl_->task = std::move(task);
  impl_->alarm.expires_after(delay);
  impl_->alarm.async_wait([impl = impl_, generation = ++impl_->generation](boost::system::error_code) {
    if (generation != impl->generation) return;
    // The task may set or destroy the timer.
    const std::function<void()> due = std::exchange(impl->task, nullptr);
    due();
  });
}

void EventLoop::Timer::Cancel() {
  ++impl_->generation;
  impl_->task = nullptr;
  impl_->alarm.cancel();
}

void RunOnLoop(EventLoop& loop, const std::function<void()>& task) {
  if (loop.IsCurrentThread() || !loop.impl().thread.joinable()) {
    task();
    return;
  }
  std::promise<void> done;
  loop.Post([&task, &done] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace federation::https
