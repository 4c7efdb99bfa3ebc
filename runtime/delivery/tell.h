#pragma once

#include <exception>

#include "log/log.h"

namespace federation::delivery {

// Calls an observer of the embedder. What it is told of is committed, whatever it throws.
template <typename Observer, typename Event>
void Tell(const Observer& observer, const Event& event) {
  if (!observer) return;
  try {
    observer(event);
  } catch (const std::exception& error) {
    Log().error("an observer of pushes threw: {}", error.what());
  } catch (...) {
    Log().error("an observer of pushes threw an exception that is no std::exception");
  }
}

}  // namespace federation::delivery
