#pragma once

#include "federation/seq.h"

namespace federation {

// The numbers of the link to one destination, at its origin.
struct LinkNumbers {
  // The last number given out.
  Seq assigned{0};
  // Up to here the destination has confirmed. In a store it may be older than the truth: it is saved lazily.
  Seq acked{0};

  friend bool operator==(const LinkNumbers&, const LinkNumbers&) = default;
};

}  // namespace federation
