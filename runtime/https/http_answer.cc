#include "https/http_answer.h"

#include <utility>

#include <absl/strings/str_cat.h>
#include <absl/time/time.h>

#include "directory/text.h"
#include "transport/problem.h"

namespace federation::https {

using directory::ToAbsl;

std::string AnswerHeadOf(const Response& response, const AnswerForm& form, std::string_view date) {
  std::string bytes =
      absl::StrCat("HTTP/1.1 ", response.status, " ", ToAbsl(transport::ReasonPhrase(response.status)),
                   "\r\nDate: ", ToAbsl(date), "\r\nContent-Type: ", response.content_type,
                   "\r\nContent-Length: ", response.body.size(), "\r\n");
  for (const auto& [name, value] : response.headers) absl::StrAppend(&bytes, name, ": ", value, "\r\n");
  if (!form.keep_alive) {
    bytes += "Connection: close\r\n";
  } else if (!form.http_1_1) {
    bytes += "Connection: keep-alive\r\n";
  }
  bytes += "\r\n";
  return bytes;
}

Response BusyAnswer(int status, std::string detail, std::chrono::seconds retry_after) {
  Response response = transport::ToResponse({.status = status, .detail = std::move(detail)});
  response.headers.emplace_back("Retry-After", absl::StrCat(retry_after.count()));
  return response;
}

std::string_view HttpDate::Now() {
  const std::time_t now = std::time(nullptr);
  if (now != second_) {
    second_ = now;
    text_ = absl::FormatTime("%a, %d %b %E4Y %H:%M:%S GMT", absl::FromTimeT(now), absl::UTCTimeZone());
  }
  return text_;
}

}  // namespace federation::https
