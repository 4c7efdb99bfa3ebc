#include "https/document_reader.h"

#include <algorithm>

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "https/cache_control.h"

namespace federation::https {
namespace {

namespace http = boost::beast::http;

// The shortest end of a chunked body: `0`, and two ends of lines. Beast 1.81 asserts that it is given no less
// once it has seen the last chunk.
constexpr std::size_t kChunkedEndBytesMin = 5;

absl::Status Refused(std::string_view why) {
  return absl::UnavailableError(absl::StrCat("the answer is refused: ", std::string(why)));
}

}  // namespace

struct DocumentReader::Impl {
  std::string Field(http::field name) const {
    const auto value = parser.get()[name];
    return std::string(value.data(), value.size());
  }
  absl::Status Put(std::size_t offered);

  const std::size_t body_bytes_max;
  http::response_parser<http::string_body> parser;
  // What has come and is not taken: a part of a line.
  std::string input;
  // Beast bounds the part of a head that it is given at once, and not the lines that it has taken already.
  std::size_t head_room = kHeadBytesMax;
};

DocumentReader::DocumentReader(std::size_t body_bytes_max)
    : impl_(new Impl{.body_bytes_max = body_bytes_max, .parser = {}, .input = {}}) {
  impl_->parser.header_limit(kHeadBytesMax);
  impl_->parser.body_limit(body_bytes_max);
  impl_->parser.eager(true);
}

DocumentReader::~DocumentReader() = default;

// Gives so much of the input to the parser.
absl::Status DocumentReader::Impl::Put(std::size_t offered) {
  boost::system::error_code error;
  const std::size_t taken = parser.put(boost::asio::buffer(input.data(), offered), error);
  input.erase(0, taken);
  if (!error || error == http::error::need_more) return absl::OkStatus();
  if (error == http::error::body_limit)
    return Refused(absl::StrCat("want at most ", body_bytes_max, " bytes"));
  return Refused(error.message());
}

absl::Status DocumentReader::Take(std::string_view bytes) {
  http::response_parser<http::string_body>& parser = impl_->parser;
  std::string& input = impl_->input;
  input += bytes;
  if (!parser.is_header_done()) {
    const std::size_t before = input.size();
    absl::Status status = impl_->Put(std::min(before, impl_->head_room));
    if (!status.ok()) return status;
    impl_->head_room -= before - input.size();
    if (!parser.is_header_done()) {
      const bool is_full = input.size() >= impl_->head_room;
      return is_full ? Refused("the head is too large") : absl::OkStatus();
    }
  }
  const bool may_be_short = !parser.chunked() || input.size() >= kChunkedEndBytesMin;
  if (!parser.is_done() && !input.empty() && may_be_short) {
    absl::Status status = impl_->Put(input.size());
    if (!status.ok()) return status;
  }
  if (!parser.is_done() && input.size() >= kHeadBytesMax) return Refused("a line of a chunk is too long");
  return absl::OkStatus();
}

absl::Status DocumentReader::TakeEnd() {
  boost::system::error_code error;
  // Beast wants something to have come before the end.
  if (impl_->parser.got_some()) impl_->parser.put_eof(error);
  if (!error && impl_->parser.is_done()) return absl::OkStatus();
  return absl::UnavailableError("the server closed the connection in the middle of its answer");
}

bool DocumentReader::is_done() const { return impl_->parser.is_done(); }

Fetched DocumentReader::Get() const {
  Fetched fetched;
  fetched.status = static_cast<int>(impl_->parser.get().result_int());
  const std::string type = impl_->Field(http::field::content_type);
  fetched.content_type = absl::AsciiStrToLower(type.substr(0, type.find(';')));
  absl::StripAsciiWhitespace(&fetched.content_type);
  fetched.body = impl_->parser.get().body();
  fetched.fresh_for = FreshFor(impl_->Field(http::field::cache_control), impl_->Field(http::field::age));
  return fetched;
}

}  // namespace federation::https
