#pragma once

#include <string>
#include <string_view>

#include "oracle/canonical_bytes.h"
#include "oracle/differences.h"

// What explanations claim of a difference, and how it is checked.
namespace oracle {

bool Contains(std::string_view text, std::string_view part);

// Whether all of `text` is of the form `pattern`, a regular expression.
bool Matches(std::string_view text, const char* pattern);

// Whether `text` is a number of JSON (RFC 8259, section 6).
bool IsJsonNumber(std::string_view text);

// Whether `number` is one of JSON that a double does not hold, and an integer after it was rounded to one.
bool RoundsToInteger(std::string_view number);

// Whether both read the document, and the same but for what `leniency` says.
bool BothReadTheSame(const Difference& d, Leniency leniency);

// Whether both readers take the document alike as soon as one thing in it is changed, so that this is the
// cause: one integer that is written with a point or an exponent is written with digits alone;
bool AgreeWithPlainInteger(const Difference& d);
// one number whose nearest float is not that of its nearest double is written as the former;
bool AgreeWithNearestFloat(const Difference& d);
// one integer in quotes is written without;
bool AgreeWithUnquotedInteger(const Difference& d);
// one key of the form `pattern` is replaced by an unknown one, which both ignore.
bool AgreeWithKeyReplaced(const Difference& d, const char* pattern);

// ---- Documents that we alone refuse

// Whether our reader says `words` of it.
bool WeAloneSay(const Difference& d, std::string_view words);

// What stands at the byte that our reader names: a string with its quotes, a number or a word, or a bracket.
std::string_view RefusedToken(const Difference& d);

// The string at that byte without its quotes; nothing if there is no string.
std::string_view RefusedString(const Difference& d);

// Whether the value that our reader names is an element of a list or of a map. Inside of an Any, where the
// path leaves the document's type, it is taken for one.
bool RefusedIsElement(const Difference& d);

// Whether our reader says `words` of a string, and that is not of the form `pattern`.
bool WeAloneSayOfOtherForm(const Difference& d, std::string_view words, const char* pattern);

// ---- Documents that the converter alone refuses

bool TheyAloneSay(const Difference& d, std::string_view words);

// The string that the converter finds invalid.
std::string_view TheirString(const Difference& d);

}  // namespace oracle
