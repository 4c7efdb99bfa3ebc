#include "node/worker_pool.h"

#include <exception>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "log/log.h"

namespace federation::node {

struct WorkerPool::Impl {
  explicit Impl(int threads) : pool(static_cast<std::size_t>(threads)) {}
  boost::asio::thread_pool pool;
};

WorkerPool::WorkerPool(int threads) : impl_(std::make_unique<Impl>(threads)) {}

WorkerPool::~WorkerPool() { Stop(); }

void WorkerPool::Post(std::function<void()> task) {
  boost::asio::post(impl_->pool, [task = std::move(task)] {
    try {
      task();
    } catch (const std::exception& error) {
      Log().error("a task threw: {}", error.what());
    } catch (...) {
      Log().error("a task threw what is no std::exception");
    }
  });
}

void WorkerPool::Stop() { impl_->pool.join(); }

}  // namespace federation::node
