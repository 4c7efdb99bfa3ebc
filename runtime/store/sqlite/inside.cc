#include "store/sqlite/inside.h"

#include <algorithm>
#include <vector>

namespace federation::sqlite {
namespace {

// Once for each mark. A process may have several stores.
thread_local std::vector<const void*> stores_inside;

}  // namespace

Inside::Inside(const void* store) : store_(store) { stores_inside.push_back(store); }

Inside::~Inside() {
  const auto found = std::find(stores_inside.begin(), stores_inside.end(), store_);
  if (found != stores_inside.end()) stores_inside.erase(found);
}

bool Inside::Is(const void* store) {
  return std::find(stores_inside.begin(), stores_inside.end(), store) != stores_inside.end();
}

}  // namespace federation::sqlite
