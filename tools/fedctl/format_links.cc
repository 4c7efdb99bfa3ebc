#include <utility>
#include <vector>

#include <fmt/format.h>

#include "federation/json/writer.h"

#include "fedctl/format.h"
#include "fedctl/table.h"
#include "fedctl/text.h"

namespace federation::fedctl {
namespace {

using admin::v1::Link;
using admin::v1::LinkCounters;

// What has happened on a link, in the order in which it is shown.
struct CounterRow {
  const char* key;
  std::uint64_t (LinkCounters::*value)() const;
  const char* text;
};

constexpr CounterRow kCounters[] = {
    {"pushes", &LinkCounters::pushes, "pushes"},
    {"acked_updates", &LinkCounters::acked_updates, "updates acknowledged"},
    {"repeated_updates", &LinkCounters::repeated_updates, "updates sent once more"},
    {"holes", &LinkCounters::holes, "holes"},
    {"waits", &LinkCounters::waits, "told to wait"},
    {"expired_updates", &LinkCounters::expired_updates, "updates sent as expired"},
    {"given_up_updates", &LinkCounters::given_up_updates, "updates given up"},
    {"weak_sent", &LinkCounters::weak_sent, "weak updates sent"},
    {"weak_dropped", &LinkCounters::weak_dropped, "weak updates dropped"},
    {"unreachable", &LinkCounters::unreachable, "failures: unreachable"},
    {"busy", &LinkCounters::busy, "failures: busy"},
    {"refused", &LinkCounters::refused, "failures: refused"},
    {"too_large", &LinkCounters::too_large, "failures: too large"},
    {"contradictions", &LinkCounters::contradictions, "failures: contradictions"},
    {"own_store_restored", &LinkCounters::own_store_restored, "own store restored"},
    {"peer_store_restored", &LinkCounters::peer_store_restored, "peer's store restored"},
};

std::string StateName(Link::State state) {
  switch (state) {
    case Link::STATE_IDLE:
      return "idle";
    case Link::STATE_SENDING:
      return "sending";
    case Link::STATE_WAITING:
      return "waiting";
    case Link::STATE_REFUSED:
      return "refused";
    case Link::STATE_PAUSED:
      return "paused";
    default:
      return "unknown";
  }
}

std::string LastHeard(const Link& link, absl::Time now) {
  if (!link.has_last_heard_ms()) return "never";
  return Span(now - absl::FromUnixMillis(link.last_heard_ms())) + " ago";
}

std::string NextTry(const Link& link, absl::Time now) {
  if (!link.has_retry_at_ms()) return "-";
  return "in " + Span(absl::FromUnixMillis(link.retry_at_ms()) - now);
}

std::string Pending(const Link& link, absl::Time now) {
  std::string text = Counted(link.pending(), "update");
  if (link.pending() == 0) return text;
  text += fmt::format(", {}", Counted(link.pending_bytes(), "byte"));
  if (link.has_pending_since_ms()) {
    text += fmt::format(", the oldest one for {}", Span(now - absl::FromUnixMillis(link.pending_since_ms())));
  }
  return text;
}

std::vector<std::string> ToRow(const Link& link, absl::Time now) {
  return {Printable(link.destination()),
          std::to_string(link.assigned()),
          std::to_string(link.acked()),
          std::to_string(link.pending()),
          LastHeard(link, now),
          StateName(link.state()),
          std::to_string(link.failures()),
          NextTry(link, now),
          link.loss().empty() ? "-" : "yes",
          Printable(link.last_error())};
}

void WriteCounters(const LinkCounters& counters, json::Writer& writer) {
  writer.BeginObject();
  for (const CounterRow& row : kCounters) {
    writer.StringKey(row.key);
    writer.Uint64Number((counters.*row.value)());
  }
  writer.EndObject();
}

template <std::size_t N>
void WriteTimeMember(const char (&key)[N], bool is_there, std::int64_t unix_ms, json::Writer& writer) {
  writer.Key(key);
  if (is_there) {
    WriteTime(unix_ms, writer);
  } else {
    writer.Null();
  }
}

void AppendJson(const Link& link, std::string* out) {
  json::DocumentWriter writer(out);
  writer.BeginObject();
  writer.Key("destination");
  writer.String(link.destination());
  writer.Key("assigned");
  writer.Uint64Number(link.assigned());
  writer.Key("acked");
  writer.Uint64Number(link.acked());
  writer.Key("pending");
  writer.Uint64Number(link.pending());
  WriteTimeMember("last_heard", link.has_last_heard_ms(), link.last_heard_ms(), writer);
  writer.Key("state");
  writer.String(StateName(link.state()));
  writer.Key("last_error");
  WriteText(link.last_error(), writer);
  writer.Key("pending_bytes");
  writer.Uint64Number(link.pending_bytes());
  WriteTimeMember("pending_since", link.has_pending_since_ms(), link.pending_since_ms(), writer);
  writer.Key("failures");
  writer.Uint32(link.failures());
  WriteTimeMember("retry_at", link.has_retry_at_ms(), link.retry_at_ms(), writer);
  writer.Key("loss");
  WriteText(link.loss(), writer);
  writer.Key("counters");
  WriteCounters(link.counters(), writer);
  writer.EndObject();
  EndLine(writer, out);
}

}  // namespace

std::string LinksTable(const admin::v1::ListLinksResponse& links, absl::Time now) {
  std::vector<std::vector<std::string>> rows;
  for (const Link& link : links.links()) rows.push_back(ToRow(link, now));
  return Table({{"DESTINATION"},
                {"ASSIGNED", true},
                {"ACKED", true},
                {"PENDING", true},
                {"LAST HEARD"},
                {"STATE"},
                {"FAILURES", true},
                {"NEXT TRY"},
                {"LOSS"},
                {"LAST ERROR"}},
               rows);
}

std::string LinksJson(const admin::v1::ListLinksResponse& links) {
  std::string out;
  for (const Link& link : links.links()) AppendJson(link, &out);
  return out;
}

std::string LinkText(const Link& link, absl::Time now) {
  std::vector<std::pair<std::string, std::string>> properties = {
      {"destination", Printable(link.destination())},
      {"state", StateName(link.state())},
      {"assigned", std::to_string(link.assigned())},
      {"acked", std::to_string(link.acked())},
      {"pending", Pending(link, now)},
      {"last heard", LastHeard(link, now)},
      {"failures", link.failures() == 0 ? "0" : fmt::format("{} in a row", link.failures())},
      {"next try", NextTry(link, now)},
      {"last error", Printable(link.last_error())},
      {"loss", Printable(link.loss())},
      {"since the start", ""},
  };
  for (const CounterRow& row : kCounters) {
    properties.emplace_back(fmt::format("  {}", row.text), std::to_string((link.counters().*row.value)()));
  }
  return Properties(properties);
}

std::string LinkJson(const Link& link) {
  std::string out;
  AppendJson(link, &out);
  return out;
}

std::string LinkStateText(const Link& link) {
  return fmt::format("{}: {}, {} wait{}\n", Printable(link.destination()), StateName(link.state()),
                     Counted(link.pending(), "update"), link.pending() == 1 ? "s" : "");
}

std::string ResetText(const admin::v1::ResetLinkResponse& reset) {
  return fmt::format("{}: gave up {}\n", Printable(reset.link().destination()),
                     Counted(reset.given_up_updates(), "update"));
}

std::string ResetJson(const admin::v1::ResetLinkResponse& reset) {
  std::string out;
  json::DocumentWriter writer(&out);
  writer.BeginObject();
  writer.Key("destination");
  writer.String(reset.link().destination());
  writer.Key("given_up_updates");
  writer.Uint64Number(reset.given_up_updates());
  writer.EndObject();
  EndLine(writer, &out);
  return out;
}

}  // namespace federation::fedctl
