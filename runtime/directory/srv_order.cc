#include "directory/srv_order.h"

#include <algorithm>
#include <tuple>

namespace federation::directory {
namespace {

using Place = std::vector<SrvRecord>::iterator;

// One of them, with a probability that its weight says.
Place Draw(Place begin, Place end, double random) {
  std::uint64_t sum = 0;
  for (Place record = begin; record != end; ++record) sum += record->weight;
  // From 0 to the sum, both included: so a weight of 0 has a small chance, too.
  const auto drawn = static_cast<std::uint64_t>(random * static_cast<double>(sum + 1));
  std::uint64_t passed = 0;
  for (Place record = begin; record != end; ++record) {
    passed += record->weight;
    if (passed >= drawn) return record;
  }
  return begin;
}

}  // namespace

std::vector<SrvRecord> InSrvOrder(std::vector<SrvRecord> records, const std::function<double()>& random) {
  // Within a priority those of weight 0 come first, as the drawing wants it.
  std::stable_sort(records.begin(), records.end(), [](const SrvRecord& a, const SrvRecord& b) {
    return std::tuple(a.priority, a.weight != 0) < std::tuple(b.priority, b.weight != 0);
  });
  for (Place next = records.begin(); next != records.end(); ++next) {
    const Place end = std::find_if(
        next, records.end(), [next](const SrvRecord& record) { return record.priority != next->priority; });
    const Place drawn = Draw(next, end, random());
    std::rotate(next, drawn, drawn + 1);
  }
  return records;
}

}  // namespace federation::directory
