#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <absl/container/inlined_vector.h>

#include "https/held_bytes.h"
#include "https/http_answer.h"
#include "https/server.h"

namespace federation::https {

// The answers that a connection owes, in the order of its requests, in which they leave. On the loop only.
class AnswerQueue {
 public:
  // Counts the requests of a connection.
  using Number = std::uint64_t;
  // Heads and bodies; mostly those of one answer.
  using Parts = absl::InlinedVector<std::string_view, 2>;

  // An answer that is to come; `request_bytes` are held until it has been sent. `when_dismissed`: see
  // Dismiss; null for none.
  Number Expect(const AnswerForm& form, std::size_t request_bytes,
                std::shared_ptr<const Response> when_dismissed = nullptr);
  // One that is known.
  void Add(const AnswerForm& form, Response response);
  // An interim answer (1xx), as it goes out.
  void AddInterim(std::string_view bytes);
  // Nothing, if that answer is known already or has been sent.
  // `held` is given back when it has been sent.
  void Set(Number number, Response response, PeerHeldBytes::Part held = {});
  // For all that are not known yet: what was said when they were expected, or else this.
  void Dismiss(const Response& otherwise);

  bool empty() const { return answers_.empty(); }
  std::size_t size() const { return answers_.size(); }
  std::size_t request_bytes() const { return request_bytes_; }
  bool has_ready() const { return !answers_.empty() && answers_.front().is_ready(); }

  // What is to be sent next: one or several answers that are known. Stays until TakeBatch. `closing`: the
  // last one of the queue ends the connection.
  Parts NextBatch(bool closing, std::string_view date);
  // The batch has been sent. Returns whether it was told that the connection ends.
  bool TakeBatch();

 private:
  struct PendingAnswer {
    bool is_ready() const { return interim || response.has_value(); }

    AnswerForm form;
    std::size_t request_bytes = 0;
    std::optional<Response> response;
    std::shared_ptr<const Response> when_dismissed;
    PeerHeldBytes::Part held{};
    // As it goes out; the whole of an interim answer.
    std::string head;
    bool interim = false;
  };

  std::deque<PendingAnswer> answers_;
  // The number of the first of them.
  Number first_ = 0;
  std::size_t request_bytes_ = 0;
  std::size_t batch_size_ = 0;
};

}  // namespace federation::https
