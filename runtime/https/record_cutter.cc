#include "https/record_cutter.h"

#include <algorithm>

namespace federation::https {

std::string_view RecordCutter::Next() {
  if (!piece_.empty() || rest_.empty()) return piece_;
  if (rest_.size() >= kRecordBytesMax || parts_.empty()) {
    const std::size_t whole_records = rest_.size() / kRecordBytesMax * kRecordBytesMax;
    piece_ = rest_.substr(0, parts_.empty() ? rest_.size() : whole_records);
    rest_.remove_prefix(piece_.size());
    NextPart();
  } else {
    Gather();
  }
  return piece_;
}

void RecordCutter::Gather() {
  gathered_.clear();
  std::size_t bytes = rest_.size();
  for (const std::string_view part : parts_) bytes += part.size();
  gathered_.reserve(std::min(bytes, kRecordBytesMax));
  while (!rest_.empty() && gathered_.size() < kRecordBytesMax) {
    const std::string_view fits = rest_.substr(0, kRecordBytesMax - gathered_.size());
    gathered_ += fits;
    rest_.remove_prefix(fits.size());
    NextPart();
  }
  piece_ = gathered_;
}

void RecordCutter::NextPart() {
  while (rest_.empty() && !parts_.empty()) {
    rest_ = parts_.front();
    parts_ = parts_.subspan(1);
  }
}

}  // namespace federation::https
