#pragma once

#include <string>
#include <string_view>

#include "federation/json/writer.h"

namespace federation {

// What generated senders give to Outgoing::SendWeak as `replace_key`: the JSON of the update as far as it
// matters for that, `{"update":"typing","user_id":"u"}`. `content` has a generated function WriteReplaceKey.
template <typename Case>
std::string ReplaceKey(std::string_view tag, const Case& content) {
  std::string key;
  json::DocumentWriter out(&key);
  out.BeginObject();
  out.Key("update");
  out.String(tag);
  out = WriteReplaceKey(content, out);
  out.EndObject();
  out.Close();
  return key;
}

}  // namespace federation
