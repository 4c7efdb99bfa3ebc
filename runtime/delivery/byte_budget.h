#pragma once

#include <cstddef>

namespace federation::delivery {

// What all links together may have of something, in bytes. To be used on the loop only.
struct ByteBudget {
  std::size_t bytes_max = 0;
  std::size_t bytes = 0;
};

}  // namespace federation::delivery
