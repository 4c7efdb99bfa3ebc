#include "link/push.h"

#include <fmt/core.h>

#include "federation/json/object_reader.h"
#include "federation/json/writer.h"

namespace federation::link {
namespace {

constexpr json::Key kKeys[] = {{"weak", 0}, {"strong", 1}, {"seq", 2}};

// `room` is for how many elements of both arrays there is still room.
bool ReadUpdates(json::Reader& in, PushView* push, std::size_t* room,
                 std::vector<std::string_view>* updates) {
  json::ArrayReader array(in);
  while (array.Next()) {
    const std::size_t start = in.NextOffset();
    std::string_view text;
    if (*room == 0) {
      push->too_many_updates = true;
      return in.Fail("too many updates in one push", start), array.Failed();
    }
    --*room;
    if (!in.ReadRaw(&text)) return array.Failed();
    if (text.front() != '{') return in.FailWant("an object", start), array.Failed();
    updates->push_back(text);
  }
  return array.ok();
}

bool ReadPush(json::Reader& in, const InboxLimits& limits, PushView* push, std::optional<std::uint64_t>* seq,
              std::size_t* seq_offset) {
  json::ObjectReader object(in);
  std::size_t room = limits.push_updates_max;
  while (object.Next(kKeys)) {
    switch (object.field()) {
      case 0:
        if (!ReadUpdates(in, push, &room, &push->weak)) return object.Failed();
        break;
      case 1:
        if (!ReadUpdates(in, push, &room, &push->strong)) return object.Failed();
        break;
      default:
        *seq_offset = in.NextOffset();
        if (!in.ReadUint64(&seq->emplace())) return object.Failed();
    }
  }
  return object.ok();
}

}  // namespace

std::optional<json::DecodeError> ParsePush(std::string_view body, const InboxLimits& limits, PushView* push) {
  json::Reader in(body);
  std::optional<std::uint64_t> seq;
  std::size_t seq_offset = 0;
  if (!ReadPush(in, limits, push, &seq, &seq_offset) || !in.Finish()) return in.error();
  if (!seq.has_value()) {
    in.Fail("want the key \"seq\", got none", 0);
    return in.error();
  }
  if (*seq < push->strong.size() || *seq > kSeqMax) {
    in.Fail(fmt::format("want a number from {} (the count of strong updates) to {}, got {}",
                        push->strong.size(), kSeqMax, *seq),
            seq_offset);
    in.UnderKey("seq");
    return in.error();
  }
  push->seq = Seq{*seq};
  return std::nullopt;
}

std::string FormatPush(std::span<const std::string> weak, std::span<const std::string_view> strong, Seq seq) {
  std::size_t size = 64;
  for (const std::string& update : weak) size += update.size() + 1;
  for (const std::string_view updates : strong) size += updates.size() + 1;
  std::string body;
  body.reserve(size);
  json::DocumentWriter out(&body);
  out.BeginObject();
  out.Key("weak");
  out.BeginArray();
  for (const std::string& update : weak) out.Raw(update);
  out.EndArray();
  out.Key("strong");
  out.BeginArray();
  for (const std::string_view updates : strong) out.Raw(updates);
  out.EndArray();
  out.Key("seq");
  out.Uint64Number(Value(seq));
  out.EndObject();
  out.Close();  // without a check: the updates had theirs when they were encoded
  return body;
}

}  // namespace federation::link
