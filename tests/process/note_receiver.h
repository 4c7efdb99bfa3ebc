#pragma once

#include <string>

#include "federation/node.h"

#include "process/event_log.h"
#include "process/note.h"

namespace federation::process {

// The application's handler: what it writes is in the transaction in which the note's number commits.
// Thread-safe.
class NoteReceiver : public UpdateReceiver {
 public:
  // Borrows the log. Files in `folder` remember, over all lives, who was asked to come later.
  NoteReceiver(EventLog& log, std::string folder) : log_(log), folder_(std::move(folder)) {}
  // Through whom it answers. Before the first call.
  void AnswerThrough(Node& node) { node_ = &node; }

  Outcome Receive(std::string_view json, const UpdateContext& context) override;

 private:
  absl::Status Keep(const Note& note, const UpdateContext& context);
  absl::Status Answer(const Note& note, const UpdateContext& context);
  absl::Status Write(const Note& note, const UpdateContext& context);
  bool IsFirstTime(const std::string& id);

  EventLog& log_;
  const std::string folder_;
  Node* node_ = nullptr;
};

}  // namespace federation::process
