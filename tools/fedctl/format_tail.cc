#include "federation/json/writer.h"

#include "fedctl/format.h"
#include "fedctl/text.h"

namespace federation::fedctl {
namespace {

using admin::v1::TailEvent;

void AppendDropped(std::uint64_t dropped, std::string* out) {
  json::DocumentWriter writer(out);
  writer.BeginObject();
  writer.Key("dropped");
  writer.Uint64Number(dropped);
  writer.EndObject();
  EndLine(writer, out);
}

}  // namespace

std::string TailLines(const TailEvent& event) {
  std::string out;
  if (event.dropped() > 0) AppendDropped(event.dropped(), &out);
  if (event.direction() == TailEvent::DIRECTION_UNSPECIFIED) return out;
  json::DocumentWriter writer(&out);
  writer.BeginObject();
  writer.Key("direction");
  writer.String(event.direction() == TailEvent::DIRECTION_IN ? "in" : "out");
  writer.Key("peer");
  writer.String(event.peer());
  if (event.has_seq()) {
    writer.Key("seq");
    writer.Uint64Number(event.seq());
  }
  writer.Key("update");
  writer.Raw(OnOneLine(event.update()));
  writer.EndObject();
  EndLine(writer, &out);
  return out;
}

}  // namespace federation::fedctl
