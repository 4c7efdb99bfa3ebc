#pragma once

#include <vector>

#include <prometheus/metric_family.h>

#include "federation/access.h"

namespace federation::fednode {

// What a node has not looked at, as metrics (METRICS.md has their names).
std::vector<prometheus::MetricFamily> RefusalMetrics(const Refusals& refusals);

}  // namespace federation::fednode
