#pragma once

#include <chrono>
#include <ctime>
#include <string>
#include <string_view>

#include "https/server.h"

namespace federation::https {

// What the request and the connection demand of an answer.
struct AnswerForm {
  bool keep_alive = true;
  // Whether the request was HTTP/1.1, where connections stay open unless it is said that they do not.
  bool http_1_1 = true;
  // The answer to HEAD: the header of the whole answer (RFC 9110, section 9.3.2).
  bool without_body = false;
};

// The head of an HTTP/1.1 answer (RFC 9112), which the body follows unless the form is without one. Names and
// values of its headers go out as they are. `date`: see HttpDate.
std::string AnswerHeadOf(const Response& response, const AnswerForm& form, std::string_view date);

// The problem of a peer that may come again after that time (Retry-After, RFC 9110, section 10.2.3).
Response BusyAnswer(int status, std::string detail,
                    std::chrono::seconds retry_after = std::chrono::seconds(1));

// The time as the header Date shows it (RFC 9110, section 5.6.7), formatted once a second.
class HttpDate {
 public:
  // Valid until the next call.
  std::string_view Now();

 private:
  std::time_t second_ = 0;
  std::string text_;
};

}  // namespace federation::https
