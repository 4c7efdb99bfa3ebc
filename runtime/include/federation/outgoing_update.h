#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/json/writer.h"
#include "federation/outgoing.h"
#include "federation/seq.h"

// What generated senders are made of. It is in the library, and knows messages by pointers to what writes
// them: as code of every generated function it took a sixth of the time that compiling a schema with a sender
// takes.
namespace federation {

// The content of an update and the tag that tells its kind, `{"update":"typing",...}`, without the message
// that would hold both. Borrows all of them.
class OutgoingUpdate {
 public:
  // `content` has a generated function WriteFields.
  template <typename Case>
  OutgoingUpdate(std::string_view tag_key, std::string_view tag, const Case& content)
      : OutgoingUpdate(tag_key, tag, &content, [](const void* written, json::Writer out) {
          return WriteFields(*static_cast<const Case*>(written), out);
        }) {}

  // Appends the JSON of the update to *json, as json::Encode does.
  absl::Status Encode(std::string* json) const;

 protected:
  using Write = json::Writer (*)(const void* content, json::Writer out);

  OutgoingUpdate(std::string_view tag_key, std::string_view tag, const void* content, Write write_fields)
      : tag_key_(tag_key), tag_(tag), content_(content), write_fields_(write_fields) {}

  // Writes the object that has the tag and what `write` writes.
  json::Writer WriteTagged(Write write, json::Writer out) const;

 private:
  std::string_view tag_key_;
  std::string_view tag_;
  const void* content_;
  Write write_fields_;
};

// One that takes the place of an older one.
class ReplacingUpdate : public OutgoingUpdate {
 public:
  // `content` has a generated function WriteReplaceKey, too.
  template <typename Case>
  ReplacingUpdate(std::string_view tag_key, std::string_view tag, const Case& content)
      : OutgoingUpdate(tag_key, tag, content), write_key_([](const void* written, json::Writer out) {
          return WriteReplaceKey(*static_cast<const Case*>(written), out);
        }) {}

  // What Outgoing::SendWeak calls `replace_key`: the JSON of the update as far as it matters for that,
  // `{"update":"typing","user_id":"u"}`.
  std::string ReplaceKey() const;

 private:
  Write write_key_;
};

// Encode an update and hand it to the functions of Outgoing.
absl::StatusOr<Seq> SendStrong(Outgoing& outgoing, std::string_view destination,
                               const OutgoingUpdate& update);
absl::StatusOr<Seq> SendStrong(Outgoing& outgoing, Transaction& transaction, std::string_view destination,
                               const OutgoingUpdate& update);
void SendStrongAsync(Outgoing& outgoing, std::string_view destination, const OutgoingUpdate& update,
                     SendDone&& done);
absl::StatusOr<std::vector<Seq>> SendStrongToAll(Outgoing& outgoing,
                                                 std::span<const std::string> destinations,
                                                 const OutgoingUpdate& update);
absl::StatusOr<std::vector<Seq>> SendStrongToAll(Outgoing& outgoing, Transaction& transaction,
                                                 std::span<const std::string> destinations,
                                                 const OutgoingUpdate& update);
absl::Status SendWeak(Outgoing& outgoing, std::string_view destination, const OutgoingUpdate& update);
absl::Status SendReplacing(Outgoing& outgoing, std::string_view destination, const ReplacingUpdate& update);

// The same where any kind of update is sent: only strong ones have a number.
absl::StatusOr<std::optional<Seq>> SendAnyStrong(Outgoing& outgoing, std::string_view destination,
                                                 const OutgoingUpdate& update);
absl::StatusOr<std::optional<Seq>> SendAnyWeak(Outgoing& outgoing, std::string_view destination,
                                               const OutgoingUpdate& update);
absl::StatusOr<std::optional<Seq>> SendAnyReplacing(Outgoing& outgoing, std::string_view destination,
                                                    const ReplacingUpdate& update);

}  // namespace federation
