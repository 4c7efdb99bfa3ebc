#pragma once

#include "bench/lookup.pb.h"

namespace federation::bench {

inline LookupRequest SampleLookup() {
  LookupRequest request;
  request.set_query("steve");
  request.set_limit(10);
  return request;
}

// What every server answers.
inline void FillAnswer(const LookupRequest& request, LookupResponse* response) {
  for (int i = 0; i < 3; ++i) response->add_user_ids(request.query() + "@bravo.test");
}

}  // namespace federation::bench
