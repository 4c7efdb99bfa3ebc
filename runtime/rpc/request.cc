#include "rpc/request.h"

#include "federation/json/object_reader.h"

namespace federation::rpc {

std::optional<json::DecodeError> ParseMethod(std::string_view body, std::string* method) {
  static constexpr json::Key kKeys[] = {{"rpc", 0}};
  json::Reader in(body);
  json::ObjectReader object(in);
  bool found = false;
  while (object.Next(kKeys)) {
    if (!in.ReadString(method)) {
      object.Failed();
      return in.error();
    }
    found = true;
  }
  if (object.ok() && in.Finish() && !found) in.Fail("want the key \"rpc\", got none", 0);
  if (in.failed()) return in.error();
  return std::nullopt;
}

}  // namespace federation::rpc
