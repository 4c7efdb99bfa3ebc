#include "node/answer_words.h"

#include <fmt/core.h>

#include "federation/json/object_reader.h"
#include "federation/json/reader.h"

#include "json/text.h"

namespace federation::node {

std::string WordsOf(const https::Answer& answer) {
  static constexpr json::Key kKeys[] = {{"detail", 0}};
  json::Reader in(answer.body);
  json::ObjectReader object(in);
  std::string detail;
  while (object.Next(kKeys)) {
    if (!in.ReadString(&detail)) break;
  }
  constexpr std::size_t kWordsBytesMax = 200;
  if (!object.ok() || detail.empty()) return fmt::format("HTTP {}", answer.status);
  return fmt::format("HTTP {}: {}", answer.status, json::Shorten(detail, kWordsBytesMax));
}

}  // namespace federation::node
