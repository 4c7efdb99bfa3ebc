#pragma once

#include <exception>

#include <absl/status/status.h>
#include <fmt/core.h>

#include "federation/store.h"

namespace federation::sqlite {

// Code of the embedder runs inside; what it throws must not leave a transaction half done.
inline absl::Status RunGuarded(const Store::Work& work, Transaction& transaction) {
  try {
    return work(transaction);
  } catch (const std::exception& error) {
    return absl::InternalError(fmt::format("work in a transaction threw: {}", error.what()));
  } catch (...) {
    return absl::InternalError("work in a transaction threw");
  }
}

}  // namespace federation::sqlite
