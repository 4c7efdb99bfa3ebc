#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/json/object_reader.h"
#include "federation/json/reader.h"
#include "federation/json/writer.h"
#include "federation/rpc.h"

// What generated clients and dispatchers are made of. The types of requests and answers have the functions
// WriteFields and ReadFields of generated codecs.
namespace federation::rpc {

// ---- Documents: the fields of a message beside a tag

// Invalid argument if a string is not UTF-8.
template <std::size_t N, typename M>
absl::StatusOr<std::string> EncodeTagged(const char (&tag_key)[N], std::string_view tag, const M& message) {
  std::string text;
  json::DocumentWriter out(&text);
  out.BeginObject();
  out.Key(tag_key);
  out.String(tag);
  out = WriteFields(message, out);
  out.EndObject();
  absl::Status status = out.Finish();
  if (!status.ok()) return status;
  return text;
}

// Invalid argument, with the place, if the text is malformed or its tag is another one.
template <typename M>
absl::StatusOr<M> DecodeTagged(const json::Key& tag_key, const json::EnumName& tag, std::string_view text,
                               const json::DecodeOptions& options) {
  M message;
  json::Reader in(text, options);
  json::TaggedObjectReader tagged(in, tag_key, {&tag, 1});
  bool read = false;
  do {
    if (tagged.tag() == json::TaggedObjectReader::kNoTag) break;
    read = ReadFields(in, tagged.object(), &message);
  } while (tagged.Again(read, &message));
  if (!read || !in.Finish()) return in.error().ToStatus();
  return message;
}

// A request `{"rpc":"search_users","query":"steve"}`.
template <typename Request>
absl::StatusOr<std::string> EncodeRequest(std::string_view method, const Request& request) {
  return EncodeTagged("rpc", method, request);
}

// An answer `{"result":"ok","users":[]}`. Internal if it cannot be written: the caller has done nothing
// wrong.
template <typename Answer>
absl::StatusOr<std::string> EncodeAnswer(const Answer& answer) {
  absl::StatusOr<std::string> text = EncodeTagged("result", "ok", answer);
  if (text.ok()) return text;
  return absl::InternalError("the answer cannot be written: " + std::string(text.status().message()));
}

// Internal, with the place, if it is no such answer.
template <typename Answer>
absl::StatusOr<Answer> DecodeAnswer(std::string_view text, const json::DecodeOptions& options) {
  static constexpr json::Key kTagKey("result", 0);
  static constexpr json::EnumName kTag("ok", 0);
  absl::StatusOr<Answer> answer = DecodeTagged<Answer>(kTagKey, kTag, text, options);
  if (answer.ok()) return answer;
  return absl::InternalError("the answer is malformed: " + std::string(answer.status().message()));
}

// ---- The server's side

// Of the entries in a table of methods.
inline std::vector<std::string_view> NamesOf(std::span<const json::EnumName> methods) {
  std::vector<std::string_view> names;
  for (const json::EnumName& method : methods) names.push_back(method.name);
  return names;
}

// Decodes a request `{"rpc":"search_users","query":"steve"}`, calls `handler`, and encodes what it returns.
template <typename Request, typename Handler>
absl::StatusOr<std::string> ServeMethod(const json::EnumName& method, std::string_view text,
                                        const json::DecodeOptions& options, const Handler& handler) {
  static constexpr json::Key kTagKey("rpc", 0);
  const absl::StatusOr<Request> request = DecodeTagged<Request>(kTagKey, method, text, options);
  if (!request.ok()) return request.status();
  const auto answer = handler(*request);
  if (!answer.ok()) return answer.status();
  return EncodeAnswer(*answer);
}

// ---- The caller's side

// A method as its callers know it.
struct Method {
  std::string_view name;  // on the wire
  bool repeatable = false;
};

template <typename Request>
absl::StatusOr<RpcCall> MakeCall(const Method& method, std::string_view destination, const Request& request,
                                 const CallOptions& options) {
  absl::StatusOr<std::string> text = EncodeRequest(method.name, request);
  if (!text.ok()) return text.status();
  return RpcCall{std::string(destination), *std::move(text), options, method.repeatable};
}

template <typename Answer, typename Request>
absl::StatusOr<Answer> Call(RpcChannel& channel, const Method& method, std::string_view destination,
                            const Request& request, const CallOptions& options,
                            const json::DecodeOptions& decode_options) {
  absl::StatusOr<RpcCall> call = MakeCall(method, destination, request, options);
  if (!call.ok()) return call.status();
  const absl::StatusOr<std::string> answer = channel.Call(*std::move(call));
  if (!answer.ok()) return answer.status();
  return DecodeAnswer<Answer>(*answer, decode_options);
}

template <typename Answer, typename Request>
void StartCall(RpcChannel& channel, const Method& method, std::string_view destination,
               const Request& request, std::function<void(absl::StatusOr<Answer>)> done,
               const CallOptions& options, const json::DecodeOptions& decode_options) {
  absl::StatusOr<RpcCall> call = MakeCall(method, destination, request, options);
  if (!call.ok()) return done(call.status());
  channel.StartCall(*std::move(call),
                    [done = std::move(done), decode_options](const absl::StatusOr<std::string>& answer) {
                      if (!answer.ok()) return done(answer.status());
                      done(DecodeAnswer<Answer>(*answer, decode_options));
                    });
}

}  // namespace federation::rpc
