#include "delivery/refusal_words.h"

#include <fmt/core.h>

#include "federation/json/object_reader.h"
#include "federation/json/reader.h"

#include "json/text.h"

namespace federation::delivery {

std::string RefusalWords(int status, std::string_view body) {
  static constexpr json::Key kKeys[] = {{"detail", 0}};
  json::Reader in(body);
  json::ObjectReader object(in);
  std::string detail;
  while (object.Next(kKeys)) {
    if (!in.ReadString(&detail)) break;
  }
  constexpr std::size_t kWordsBytesMax = 200;
  if (!object.ok() || detail.empty()) return fmt::format("HTTP {}", status);
  return fmt::format("HTTP {}: {}", status, json::Shorten(detail, kWordsBytesMax));
}

}  // namespace federation::delivery
