#include "process/note.h"

#include <charconv>
#include <utility>

#include <fmt/core.h>

namespace federation::process {
namespace {

constexpr std::pair<Kind, std::string_view> kKinds[] = {
    {Kind::kPlain, "plain"},   {Kind::kAnswer, "answer"}, {Kind::kLater, "later"},
    {Kind::kReject, "reject"}, {Kind::kThrow, "throw"},   {Kind::kQuiet, "quiet"},
};

constexpr std::pair<Way, char> kWays[] = {
    {Way::kTransact, 'T'},
    {Way::kJoined, 'J'},
    {Way::kBlocking, 'B'},
    {Way::kAsync, 'A'},
};

// Takes what stands before `end` from the front of *text, and `end`.
std::optional<std::string_view> TakeUntil(std::string_view* text, std::string_view end) {
  const std::size_t at = text->find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view taken = text->substr(0, at);
  text->remove_prefix(at + end.size());
  return taken;
}

std::optional<std::uint64_t> TakeNumber(std::string_view* text) {
  const std::optional<std::string_view> digits = TakeUntil(text, ".");
  std::uint64_t number = 0;
  if (!digits.has_value()) return std::nullopt;
  const auto [end, error] = std::from_chars(digits->data(), digits->data() + digits->size(), number);
  if (error != std::errc() || end != digits->data() + digits->size()) return std::nullopt;
  return number;
}

}  // namespace

std::string IdOf(const Author& author) {
  char way = '?';
  for (const auto& [value, letter] : kWays) {
    if (value == author.way) way = letter;
  }
  return fmt::format("{}.{}.{}.{}", author.life, author.thread, author.count, way);
}

std::optional<Author> AuthorOf(std::string_view id) {
  const std::optional<std::uint64_t> life = TakeNumber(&id);
  const std::optional<std::uint64_t> thread = TakeNumber(&id);
  const std::optional<std::uint64_t> count = TakeNumber(&id);
  if (!life.has_value() || !thread.has_value() || !count.has_value() || id.size() != 1) return std::nullopt;
  for (const auto& [way, letter] : kWays) {
    if (letter == id[0]) return Author{*life, *thread, *count, way};
  }
  return std::nullopt;
}

std::string AnswerTo(std::string_view id) { return "re:" + std::string(id); }

std::string_view NameOf(Kind kind) {
  for (const auto& [value, name] : kKinds) {
    if (value == kind) return name;
  }
  return "?";
}

std::string ToJson(const Note& note) {
  return fmt::format(R"({{"update":"note","id":"{}","kind":"{}","padding":"{}"}})", note.id,
                     NameOf(note.kind), note.padding);
}

std::optional<Note> ParseNote(std::string_view json) {
  if (!TakeUntil(&json, R"({"update":"note","id":")").has_value()) return std::nullopt;
  const std::optional<std::string_view> id = TakeUntil(&json, R"(","kind":")");
  const std::optional<std::string_view> kind = TakeUntil(&json, R"(","padding":")");
  const std::optional<std::string_view> padding = TakeUntil(&json, R"("})");
  if (!id.has_value() || !kind.has_value() || !padding.has_value() || !json.empty()) return std::nullopt;
  for (const auto& [value, name] : kKinds) {
    if (name == *kind) return Note{std::string(*id), value, std::string(*padding)};
  }
  return std::nullopt;
}

}  // namespace federation::process
