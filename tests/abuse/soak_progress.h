#pragma once

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

namespace federation::abuse {

// What a node has got from its peer so far.
struct Progress {
  std::uint64_t strong = 0;
  std::uint64_t weak = 0;
  std::uint64_t calls = 0;  // answered

  // Whether all of it is more than it was.
  bool IsBeyond(const Progress& earlier) const {
    return strong > earlier.strong && weak > earlier.weak && calls > earlier.calls;
  }
};

// A reader sees a whole file at any time.
inline void WriteProgress(const std::string& path, const Progress& progress) {
  std::ofstream(path + ".new") << progress.strong << ' ' << progress.weak << ' ' << progress.calls << '\n';
  std::rename((path + ".new").c_str(), path.c_str());
}

// Zeros while there is no such file.
inline Progress ReadProgress(const std::string& path) {
  Progress progress;
  std::ifstream(path) >> progress.strong >> progress.weak >> progress.calls;
  return progress;
}

}  // namespace federation::abuse
