#include "transport/problem.h"

#include <absl/strings/escaping.h>

#include "federation/json/writer.h"

namespace federation::transport {
namespace {

struct Phrase {
  int status;
  std::string_view phrase;
};

constexpr Phrase kPhrases[] = {
    {200, "OK"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {508, "Loop Detected"},
};

absl::Status Write(const Problem& problem, std::string* body) {
  json::DocumentWriter writer(body);
  writer.BeginObject();
  writer.Key("title");
  writer.String(ReasonPhrase(problem.status));
  writer.Key("status");
  writer.Int32(problem.status);
  writer.Key("detail");
  writer.String(problem.detail);
  if (problem.pointer) {
    writer.Key("pointer");
    writer.String(*problem.pointer);
  }
  if (problem.offset_bytes) {
    writer.Key("offset");
    writer.Uint64Number(*problem.offset_bytes);
  }
  writer.EndObject();
  return writer.Finish();
}

}  // namespace

std::string_view ReasonPhrase(int status) {
  for (const Phrase& row : kPhrases) {
    if (row.status == status) return row.phrase;
  }
  return "Unknown";
}

Response ToResponse(const Problem& problem) {
  Response response{.status = problem.status, .content_type = "application/problem+json"};
  if (Write(problem, &response.body).ok()) return response;
  // What a peer sent may be quoted here, and need not be UTF-8.
  Problem printable = problem;
  printable.detail = absl::CHexEscape(problem.detail);
  if (printable.pointer) printable.pointer = absl::CHexEscape(*printable.pointer);
  if (!Write(printable, &response.body).ok()) response.body = "{}";
  return response;
}

}  // namespace federation::transport
