// Problem documents: whatever is quoted in one that we write, it is JSON; whatever a peer writes into one, or
// in the place of one, few words are left of it.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "federation/json/reader.h"

#include "delivery/refusal_words.h"
#include "fuzz/require.h"
#include "transport/problem.h"

namespace {

using federation::fuzz::Require;
namespace json = federation::json;
namespace transport = federation::transport;

constexpr std::size_t kWordsBytesMax = 4096;

bool IsJson(std::string_view text) {
  json::Reader in(text, {});
  return in.SkipValue() && in.Finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const int status = 400 + static_cast<int>(size % 200);

  // As a document of a peer.
  Require(federation::delivery::RefusalWords(status, text).size() <= kWordsBytesMax);

  // As what we quote.
  transport::Problem problem;
  problem.status = status;
  problem.detail = text;
  if (size % 2 == 0) problem.pointer = text.substr(size / 2);
  if (size % 3 == 0) problem.offset_bytes = size;
  const transport::Response response = transport::ToResponse(problem);
  Require(response.status == status && response.content_type == "application/problem+json");
  Require(IsJson(response.body));
  // And as what another node says of us.
  const std::string words = federation::delivery::RefusalWords(status, response.body);
  Require(!words.empty() && words.size() <= kWordsBytesMax);
  return 0;
}
