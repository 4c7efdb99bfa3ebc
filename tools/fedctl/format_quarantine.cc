#include <vector>

#include <fmt/format.h>

#include "federation/json/writer.h"

#include "fedctl/format.h"
#include "fedctl/table.h"
#include "fedctl/text.h"

namespace federation::fedctl {
namespace {

using admin::v1::QuarantinedUpdate;
using admin::v1::Replayed;

std::string Since(const QuarantinedUpdate& update, absl::Time now) {
  return Span(now - absl::FromUnixMillis(update.since_ms())) + " ago";
}

// What both the list and the single update have.
void WriteMembers(const QuarantinedUpdate& update, json::Writer& writer) {
  writer.Key("id");
  writer.Int64Number(update.id());
  writer.Key("origin");
  writer.String(update.origin());
  writer.Key("seq");
  writer.Uint64Number(update.seq());
  writer.Key("since");
  WriteTime(update.since_ms(), writer);
  writer.Key("reason");
  WriteText(update.reason(), writer);
  writer.Key("bytes");
  writer.Uint64Number(update.bytes());
}

std::string ResultName(Replayed::Result result) {
  switch (result) {
    case Replayed::RESULT_DONE:
      return "applied";
    case Replayed::RESULT_LATER:
      return "later";
    case Replayed::RESULT_REJECTED:
      return "rejected";
    default:
      return "unknown";
  }
}

std::string ResultText(const Replayed& replayed) {
  switch (replayed.result()) {
    case Replayed::RESULT_REJECTED:
      return "rejected again: " + Printable(replayed.reason());
    case Replayed::RESULT_LATER:
      return "not now, try again later; nothing behind it was tried";
    default:
      return ResultName(replayed.result());
  }
}

}  // namespace

std::string QuarantinesTable(const admin::v1::ListQuarantinesResponse& quarantines) {
  std::vector<std::vector<std::string>> rows;
  for (const admin::v1::Quarantine& quarantine : quarantines.quarantines()) {
    rows.push_back({Printable(quarantine.origin()), std::to_string(quarantine.updates()),
                    std::to_string(quarantine.bytes())});
  }
  return Table({{"ORIGIN"}, {"UPDATES", true}, {"BYTES", true}}, rows);
}

std::string QuarantinesJson(const admin::v1::ListQuarantinesResponse& quarantines) {
  std::string out;
  for (const admin::v1::Quarantine& quarantine : quarantines.quarantines()) {
    json::DocumentWriter writer(&out);
    writer.BeginObject();
    writer.Key("origin");
    writer.String(quarantine.origin());
    writer.Key("updates");
    writer.Uint64Number(quarantine.updates());
    writer.Key("bytes");
    writer.Uint64Number(quarantine.bytes());
    writer.EndObject();
    EndLine(writer, &out);
  }
  return out;
}

std::string QuarantinedTable(const std::vector<QuarantinedUpdate>& updates, absl::Time now) {
  std::vector<std::vector<std::string>> rows;
  rows.reserve(updates.size());
  for (const QuarantinedUpdate& update : updates) {
    rows.push_back({std::to_string(update.id()), std::to_string(update.seq()), std::to_string(update.bytes()),
                    Since(update, now), Printable(update.reason())});
  }
  return Table({{"ID", true}, {"SEQ", true}, {"BYTES", true}, {"SINCE"}, {"REASON"}}, rows);
}

std::string QuarantinedJson(const std::vector<QuarantinedUpdate>& updates) {
  std::string out;
  for (const QuarantinedUpdate& update : updates) {
    json::DocumentWriter writer(&out);
    writer.BeginObject();
    WriteMembers(update, writer);
    writer.EndObject();
    EndLine(writer, &out);
  }
  return out;
}

std::string QuarantinedUpdateText(const QuarantinedUpdate& update, absl::Time now) {
  return Properties({{"origin", Printable(update.origin())},
                     {"id", std::to_string(update.id())},
                     {"seq", std::to_string(update.seq())},
                     {"since", Since(update, now)},
                     {"reason", Printable(update.reason())},
                     {"bytes", std::to_string(update.bytes())}}) +
         Printable(OnOneLine(update.update())) + "\n";
}

std::string QuarantinedUpdateJson(const QuarantinedUpdate& update) {
  std::string out;
  json::DocumentWriter writer(&out);
  writer.BeginObject();
  WriteMembers(update, writer);
  writer.Key("update");
  writer.Raw(OnOneLine(update.update()));
  writer.EndObject();
  EndLine(writer, &out);
  return out;
}

std::string ReplayText(const admin::v1::ReplayQuarantinedUpdatesResponse& response) {
  std::string out;
  std::uint64_t applied = 0;
  for (const Replayed& replayed : response.replayed()) {
    if (replayed.result() == Replayed::RESULT_DONE) ++applied;
    out += fmt::format("{}: {}\n", replayed.id(), ResultText(replayed));
  }
  return out + fmt::format("applied {}\n", Counted(applied, "update"));
}

std::string ReplayJson(const admin::v1::ReplayQuarantinedUpdatesResponse& response) {
  std::string out;
  for (const Replayed& replayed : response.replayed()) {
    json::DocumentWriter writer(&out);
    writer.BeginObject();
    writer.Key("id");
    writer.Int64Number(replayed.id());
    writer.Key("seq");
    writer.Uint64Number(replayed.seq());
    writer.Key("result");
    writer.String(ResultName(replayed.result()));
    writer.Key("reason");
    WriteText(replayed.reason(), writer);
    writer.EndObject();
    EndLine(writer, &out);
  }
  return out;
}

std::string DropText(const std::string& origin, std::uint64_t dropped) {
  return fmt::format("dropped {} of {}\n", Counted(dropped, "update"), Printable(origin));
}

std::string DropJson(const std::string& origin, std::uint64_t dropped) {
  std::string out;
  json::DocumentWriter writer(&out);
  writer.BeginObject();
  writer.Key("origin");
  writer.String(origin);
  writer.Key("dropped_updates");
  writer.Uint64Number(dropped);
  writer.EndObject();
  EndLine(writer, &out);
  return out;
}

}  // namespace federation::fedctl
