#include "store/sqlite/run_codec.h"

namespace federation::sqlite {

std::string EncodeSizes(const UpdateRun& run) {
  std::string sizes;
  if (run.size() == 1) return sizes;
  sizes.reserve(2 * run.size());
  std::uint32_t begin = 0;
  for (const std::uint32_t end : run.ends()) {
    std::uint32_t size = end - begin;
    for (; size >= 0x80; size >>= 7) sizes += static_cast<char>((size & 0x7F) | 0x80);
    sizes += static_cast<char>(size);
    begin = end + 1;
  }
  return sizes;
}

absl::Status DecodeEnds(std::string_view sizes, std::size_t count, std::size_t json_bytes,
                        std::vector<std::uint32_t>& ends) {
  ends.clear();
  if (count == 1) {
    ends.push_back(static_cast<std::uint32_t>(json_bytes));
    return absl::OkStatus();
  }
  ends.reserve(count);
  std::uint32_t begin = 0;
  std::uint32_t size = 0;
  int shift = 0;
  for (const char c : sizes) {
    const auto byte = static_cast<unsigned char>(c);
    size |= static_cast<std::uint32_t>(byte & 0x7F) << (shift & 31);
    shift += 7;
    if ((byte & 0x80) != 0) continue;
    ends.push_back(begin + size);
    begin += size + 1;
    size = 0;
    shift = 0;
  }
  if (ends.size() == count && count > 0 && ends.back() == json_bytes) return absl::OkStatus();
  return absl::InternalError("store: a row of updates contradicts itself");
}

}  // namespace federation::sqlite
