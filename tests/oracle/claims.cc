#include "oracle/claims.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>

#include <boost/regex.hpp>
#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include "oracle/json_syntax.h"

namespace oracle {
namespace {

// The string at `at` with its quotes; else what reaches to the next byte of punctuation, or that byte.
std::string_view TokenAt(std::string_view document, std::size_t at) {
  std::size_t end = at;
  if (document[at] == '"') {
    for (++end; end < document.size() && document[end] != '"'; ++end) {
      if (document[end] == '\\') ++end;
    }
    return document.substr(at, end + 1 - at);
  }
  while (end < document.size() && std::strchr("{}[],:\" \t\r\n", document[end]) == nullptr) ++end;
  return document.substr(at, std::max<std::size_t>(end - at, 1));
}

// Whether both agree on the document with one match of `pattern` changed.
bool AgreeWithChanged(const Difference& d, const char* pattern,
                      const std::function<std::string(const boost::smatch&)>& change) {
  const boost::regex cause(pattern);
  const std::string document(d.document);
  for (boost::sregex_iterator at(document.begin(), document.end(), cause), end; at != end; ++at) {
    std::string other = document;
    other.replace(static_cast<std::size_t>(at->position()), static_cast<std::size_t>(at->length()),
                  change(*at));
    if (other != document && d.agree_on(other)) return true;
  }
  return false;
}

// Any string, and the colon that follows a key.
constexpr char kString[] = R"re("((?:\\.|[^"\\])*)"(\s*:)?)re";
bool IsKey(const boost::smatch& match) { return match.length(2) > 0; }

// A number in the parts sign, digits, digits behind the point, exponent, as digits alone; unchanged if it is
// no integer.
std::string PlainInteger(const boost::smatch& number) {
  std::string digits = number.str(2) + number.str(3);
  const long exponent = std::strtol(number.str(4).c_str(), nullptr, 10) - static_cast<long>(number.length(3));
  if (exponent > 30 || -exponent >= static_cast<long>(digits.size())) return number.str();
  if (exponent >= 0) return number.str(1) + digits.append(static_cast<std::size_t>(exponent), '0');
  const std::size_t size = digits.size() - static_cast<std::size_t>(-exponent);
  if (digits.find_first_not_of('0', size) != std::string::npos) return number.str();
  return number.str(1) + digits.substr(0, size);
}

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

const FieldDescriptor* FindField(const Descriptor& type, std::string_view name) {
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->name() == name || type.field(i)->json_name() == name) return type.field(i);
  }
  return nullptr;
}

bool IsElement(const Descriptor& type, std::string_view path);

// `path` begins in the value of a field, or of an element of it.
bool IsElementOfValue(const FieldDescriptor& field, std::string_view path) {
  return field.message_type() != nullptr && path.starts_with('.') &&
         IsElement(*field.message_type(), path.substr(1));
}

// `path` begins behind the name of a map. Keys may have points in them.
bool IsElementOfMap(const FieldDescriptor& map, std::string_view path) {
  const FieldDescriptor& value = *map.message_type()->map_value();
  if (value.message_type() == nullptr) return true;
  for (std::size_t at = path.find('.', 1); at != std::string_view::npos; at = path.find('.', at + 1)) {
    if (IsElementOfValue(value, path.substr(at))) return true;
  }
  // Not in a field of the value, so it is the value itself; unless the last name is one.
  return FindField(*value.message_type(), path.substr(path.rfind('.') + 1)) == nullptr;
}

// Whether `children[1]` or `byName.key` is the end of the path `path` through messages of `type`.
bool IsElement(const Descriptor& type, std::string_view path) {
  if (type.full_name() == "google.protobuf.Any") return true;
  const std::size_t end = std::min(path.find_first_of(".["), path.size());
  const FieldDescriptor* const field = FindField(type, path.substr(0, end));
  if (field == nullptr) return false;
  path.remove_prefix(end);
  if (field->is_map()) return IsElementOfMap(*field, path);
  if (!path.starts_with('[')) return IsElementOfValue(*field, path);
  path.remove_prefix(path.find(']') + 1);
  return path.empty() || IsElementOfValue(*field, path);
}

}  // namespace

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool Matches(std::string_view text, const char* pattern) {
  return boost::regex_match(text.begin(), text.end(), boost::regex(pattern));
}

bool IsJsonNumber(std::string_view text) {
  return !text.empty() &&
         (text.front() == '-' || std::isdigit(static_cast<unsigned char>(text.front())) != 0) &&
         text.find_first_of(" \t\r\n") == std::string_view::npos && IsJson(text);
}

bool RoundsToInteger(std::string_view number) {
  if (!IsJsonNumber(number)) return false;
  const double rounded = std::strtod(std::string(number).c_str(), nullptr);
  return rounded == std::trunc(rounded) && fmt::format("{:.0f}", rounded) != number;
}

bool BothReadTheSame(const Difference& d, Leniency leniency) {
  return d.we_accept() && d.they_accept() &&
         CanonicalBytes(*d.our_message, leniency) == CanonicalBytes(*d.their_message, leniency);
}

bool AgreeWithPlainInteger(const Difference& d) {
  constexpr char kDecimal[] = R"((-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?(?=\s*[,\]}]))";
  return AgreeWithChanged(d, kDecimal, [](const boost::smatch& match) { return PlainInteger(match); });
}

bool AgreeWithNearestFloat(const Difference& d) {
  constexpr char kNumber[] = R"(-?\d+(\.\d+)?([eE][-+]?\d+)?(?=\s*[,\]}]))";
  return AgreeWithChanged(d, kNumber, [](const boost::smatch& match) {
    const std::string number = match.str();
    const float nearest = std::strtof(number.c_str(), nullptr);
    const auto rounded_twice = static_cast<float>(std::strtod(number.c_str(), nullptr));
    return nearest == rounded_twice ? number : fmt::format("{}", nearest);
  });
}

bool AgreeWithUnquotedInteger(const Difference& d) {
  return AgreeWithChanged(d, kString, [](const boost::smatch& match) {
    std::string digits = match.str(1);
    if (IsKey(match) || !Matches(digits, R"((\\u00[0-9a-fA-F]{2}|[-+\d])+)")) return match.str();
    for (std::size_t at = digits.find("\\u00"); at != std::string::npos; at = digits.find("\\u00")) {
      const long byte = std::strtol(digits.substr(at + 4, 2).c_str(), nullptr, 16);
      digits.replace(at, 6, 1, static_cast<char>(byte));
    }
    return fmt::format("{}", std::strtoll(digits.c_str(), nullptr, 10));
  });
}

bool AgreeWithKeyReplaced(const Difference& d, const char* pattern) {
  return d.ignore_unknown && AgreeWithChanged(d, kString, [&](const boost::smatch& match) {
           return IsKey(match) && Matches(match.str(1), pattern) ? R"("ignored")" + match.str(2)
                                                                 : match.str();
         });
}

bool WeAloneSay(const Difference& d, std::string_view words) {
  return d.they_accept() && !d.we_accept() &&
         Contains({d.ours.message().data(), d.ours.message().size()}, words);
}

std::string_view RefusedToken(const Difference& d) {
  // `peer.id: want an integer, got "soon" (byte 118)`
  constexpr std::string_view kBefore = " (byte ";
  const std::string_view message(d.ours.message().data(), d.ours.message().size());
  const std::size_t place = message.rfind(kBefore);
  if (place == std::string_view::npos) return {};
  const std::string_view number = message.substr(place + kBefore.size());
  std::size_t at = 0;
  std::from_chars(number.data(), number.data() + number.size(), at);
  return at < d.document.size() ? TokenAt(d.document, at) : std::string_view();
}

bool RefusedIsElement(const Difference& d) {
  const std::string_view message(d.ours.message().data(), d.ours.message().size());
  return IsElement(*d.type, message.substr(0, message.rfind(": want ")));
}

std::string_view RefusedString(const Difference& d) {
  const std::string_view token = RefusedToken(d);
  return token.size() >= 2 && token.front() == '"' ? token.substr(1, token.size() - 2) : std::string_view();
}

bool WeAloneSayOfOtherForm(const Difference& d, std::string_view words, const char* pattern) {
  return WeAloneSay(d, words) && RefusedToken(d).front() == '"' && !Matches(RefusedString(d), pattern);
}

bool TheyAloneSay(const Difference& d, std::string_view words) {
  return d.we_accept() && !d.they_accept() && Contains(d.theirs, words);
}

std::string_view TheirString(const Difference& d) {
  // `(wrapped_int64.value): invalid value "1.0" for type TYPE_INT64`
  constexpr std::string_view kBefore = "invalid value \"";
  const std::string_view theirs = d.theirs;
  const std::size_t begin = theirs.find(kBefore);
  const std::size_t end = theirs.rfind("\" for type");
  if (begin == std::string_view::npos || end == std::string_view::npos) return {};
  return theirs.substr(begin + kBefore.size(), end - begin - kBefore.size());
}

}  // namespace oracle
