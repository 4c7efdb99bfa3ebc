#pragma once

namespace federation::simulation {

// What nodes log of their troubles is not news here. Before the first simulation.
void QuietLog();

}  // namespace federation::simulation
