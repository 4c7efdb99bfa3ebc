#include "federation/outgoing_update.h"

#include <utility>

namespace federation {
namespace {

absl::StatusOr<std::optional<Seq>> WithoutNumber(const absl::Status& sent) {
  if (!sent.ok()) return sent;
  return std::nullopt;
}

}  // namespace

json::Writer OutgoingUpdate::WriteTagged(Write write, json::Writer out) const {
  out.BeginObject();
  out.StringKey(tag_key_);
  out.String(tag_);
  out = write(content_, out);
  out.EndObject();
  return out;
}

absl::Status OutgoingUpdate::Encode(std::string* json) const {
  json::DocumentWriter out(json);
  out = WriteTagged(write_fields_, out);
  return out.Finish();
}

std::string ReplacingUpdate::ReplaceKey() const {
  std::string key;
  json::DocumentWriter out(&key);
  out = WriteTagged(write_key_, out);
  out.Close();
  return key;
}

absl::StatusOr<Seq> SendStrong(Outgoing& outgoing, std::string_view destination,
                               const OutgoingUpdate& update) {
  std::string json;
  absl::Status status = update.Encode(&json);
  if (!status.ok()) return status;
  return outgoing.SendStrong(destination, json);
}

absl::StatusOr<Seq> SendStrong(Outgoing& outgoing, Transaction& transaction, std::string_view destination,
                               const OutgoingUpdate& update) {
  std::string json;
  absl::Status status = update.Encode(&json);
  if (!status.ok()) return status;
  return outgoing.SendStrong(transaction, destination, json);
}

void SendStrongAsync(Outgoing& outgoing, std::string_view destination, const OutgoingUpdate& update,
                     SendDone&& done) {
  std::string json;
  const absl::Status status = update.Encode(&json);
  if (!status.ok()) return done(status);
  outgoing.SendStrongAsync(destination, json, std::move(done));
}

absl::StatusOr<std::vector<Seq>> SendStrongToAll(Outgoing& outgoing,
                                                 std::span<const std::string> destinations,
                                                 const OutgoingUpdate& update) {
  std::string json;
  absl::Status status = update.Encode(&json);
  if (!status.ok()) return status;
  return outgoing.SendStrongToAll(destinations, json);
}

absl::StatusOr<std::vector<Seq>> SendStrongToAll(Outgoing& outgoing, Transaction& transaction,
                                                 std::span<const std::string> destinations,
                                                 const OutgoingUpdate& update) {
  std::string json;
  absl::Status status = update.Encode(&json);
  if (!status.ok()) return status;
  return outgoing.SendStrongToAll(transaction, destinations, json);
}

absl::Status SendWeak(Outgoing& outgoing, std::string_view destination, const OutgoingUpdate& update) {
  std::string json;
  absl::Status status = update.Encode(&json);
  if (!status.ok()) return status;
  return outgoing.SendWeak(destination, json);
}

absl::Status SendReplacing(Outgoing& outgoing, std::string_view destination, const ReplacingUpdate& update) {
  std::string json;
  absl::Status status = update.Encode(&json);
  if (!status.ok()) return status;
  return outgoing.SendWeak(destination, json, update.ReplaceKey());
}

absl::StatusOr<std::optional<Seq>> SendAnyStrong(Outgoing& outgoing, std::string_view destination,
                                                 const OutgoingUpdate& update) {
  const absl::StatusOr<Seq> seq = SendStrong(outgoing, destination, update);
  if (!seq.ok()) return seq.status();
  return *seq;
}

absl::StatusOr<std::optional<Seq>> SendAnyWeak(Outgoing& outgoing, std::string_view destination,
                                               const OutgoingUpdate& update) {
  return WithoutNumber(SendWeak(outgoing, destination, update));
}

absl::StatusOr<std::optional<Seq>> SendAnyReplacing(Outgoing& outgoing, std::string_view destination,
                                                    const ReplacingUpdate& update) {
  return WithoutNumber(SendReplacing(outgoing, destination, update));
}

}  // namespace federation
