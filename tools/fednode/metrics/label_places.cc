#include "fednode/metrics/label_places.h"

#include <algorithm>

namespace federation::fednode {

void LabelPlaces::Assign(std::vector<Candidate> candidates, Time now) {
  for (auto& [name, place] : places_) place.need = {};
  for (const Candidate& candidate : candidates) {
    const auto place = places_.find(candidate.name);
    if (place != places_.end()) place->second.need = candidate.need;
  }
  std::erase_if(candidates, [this](const Candidate& candidate) {
    return candidate.name == kOtherLabel || Has(candidate.name);
  });
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.need != b.need ? a.need > b.need : a.name < b.name;
  });
  const std::vector<Places::iterator> old = OldPlaces(now);
  auto next = old.begin();
  for (const Candidate& candidate : candidates) {
    if (places_.size() >= places_max_) {
      if (next == old.end() || candidate.need <= (*next)->second.need) return;
      places_.erase(*next++);
    }
    places_.emplace(candidate.name, Place{now, candidate.need});
  }
}

std::vector<LabelPlaces::Places::iterator> LabelPlaces::OldPlaces(Time now) {
  std::vector<Places::iterator> old;
  for (auto place = places_.begin(); place != places_.end(); ++place) {
    if (now - place->second.since >= kKept) old.push_back(place);
  }
  std::stable_sort(old.begin(), old.end(), [](const Places::iterator& a, const Places::iterator& b) {
    return a->second.need < b->second.need;
  });
  return old;
}

}  // namespace federation::fednode
