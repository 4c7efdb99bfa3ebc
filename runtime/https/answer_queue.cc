#include "https/answer_queue.h"

#include <utility>

namespace federation::https {
namespace {

// Answers are sent together up to this size, so that a large one has the time for writing to itself.
constexpr std::size_t kBatchBytesMax = std::size_t{64} * 1024;

}  // namespace

AnswerQueue::Number AnswerQueue::Expect(const AnswerForm& form, std::size_t request_bytes,
                                        std::shared_ptr<const Response> when_dismissed) {
  PendingAnswer& answer = answers_.emplace_back();
  answer.form = form;
  answer.when_dismissed = std::move(when_dismissed);
  answer.request_bytes = request_bytes;
  request_bytes_ += request_bytes;
  return first_ + answers_.size() - 1;
}

void AnswerQueue::Add(const AnswerForm& form, Response response) {
  Set(Expect(form, 0), std::move(response));
}

void AnswerQueue::AddInterim(std::string_view bytes) {
  PendingAnswer& answer = answers_.emplace_back();
  answer.interim = true;
  answer.head = bytes;
}

void AnswerQueue::Set(Number number, Response response, PeerHeldBytes::Part held) {
  if (number < first_ || number - first_ >= answers_.size()) return;
  PendingAnswer& answer = answers_[number - first_];
  if (answer.is_ready()) return;
  answer.response = std::move(response);
  answer.held = std::move(held);
}

void AnswerQueue::Dismiss(const Response& otherwise) {
  for (PendingAnswer& answer : answers_) {
    if (!answer.is_ready()) answer.response = answer.when_dismissed ? *answer.when_dismissed : otherwise;
  }
}

AnswerQueue::Parts AnswerQueue::NextBatch(bool closing, std::string_view date) {
  Parts parts;
  std::size_t bytes = 0;
  batch_size_ = 0;
  for (PendingAnswer& answer : answers_) {
    if (!answer.is_ready()) break;
    const std::size_t body_bytes = answer.response ? answer.response->body.size() : 0;
    if (batch_size_ > 0 && bytes + body_bytes > kBatchBytesMax) break;
    ++batch_size_;
    if (!answer.interim) {
      answer.form.keep_alive = !(closing && batch_size_ == answers_.size());
      answer.head = AnswerHeadOf(*answer.response, answer.form, date);
    }
    parts.emplace_back(answer.head);
    if (!answer.interim && !answer.form.without_body) parts.emplace_back(answer.response->body);
    bytes += answer.head.size() + body_bytes;
  }
  return parts;
}

bool AnswerQueue::TakeBatch() {
  bool ended = false;
  for (; batch_size_ > 0; --batch_size_) {
    ended = !answers_.front().form.keep_alive;
    request_bytes_ -= answers_.front().request_bytes;
    answers_.pop_front();
    ++first_;
  }
  return ended;
}

}  // namespace federation::https
