// Whatever bytes a web server answers with, and however they come: nothing is kept beyond the bounds, and
// what is taken in pieces is what is taken at once.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "fuzz/require.h"
#include "https/document_reader.h"

namespace {

using namespace federation::https;
using federation::fuzz::Require;

constexpr std::size_t kBodyBytesMax = 64;

std::optional<Fetched> Read(std::string_view answer, std::size_t piece_bytes) {
  DocumentReader reader(kBodyBytesMax);
  while (!answer.empty() && !reader.is_done()) {
    const std::string_view piece = answer.substr(0, piece_bytes);
    const absl::Status status = reader.Take(piece);
    Require(status.ok() || !status.message().empty());
    if (!status.ok()) return std::nullopt;
    answer.remove_prefix(piece.size());
  }
  if (!reader.is_done() && !reader.TakeEnd().ok()) return std::nullopt;
  const Fetched fetched = reader.Get();
  Require(fetched.body.size() <= kBodyBytesMax);
  Require(fetched.status >= 0 && fetched.status <= 999);
  return fetched;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // The first byte says how large the pieces are.
  const std::string_view answer(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::optional<Fetched> whole = Read(answer, answer.size() + 1);
  const std::optional<Fetched> pieces = Read(answer, std::size_t{1} + data[0] % 32);
  Require(whole.has_value() == pieces.has_value());
  if (!whole) return 0;
  Require(whole->status == pieces->status && whole->body == pieces->body &&
          whole->content_type == pieces->content_type && whole->fresh_for == pieces->fresh_for);
  return 0;
}
