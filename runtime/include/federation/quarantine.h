#pragma once

#include <cstdint>
#include <string>

#include "federation/seq.h"

namespace federation {

// What came of running the handler on a quarantined update again.
struct Replayed {
  enum class Result {
    kDone,      // applied, and out of the quarantine
    kLater,     // the handler asked to be called later; it stays, and so does everything behind it
    kRejected,  // the handler refused it again; it stays
  };
  std::int64_t id = 0;
  Seq seq{0};
  Result result = Result::kDone;
  std::string reason;
};

}  // namespace federation
