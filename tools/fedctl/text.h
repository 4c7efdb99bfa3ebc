#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <absl/time/time.h>

#include "federation/json/writer.h"

// Pieces of what fedctl prints.
namespace federation::fedctl {

// `1 update`, `7 updates`.
std::string Counted(std::uint64_t count, std::string_view noun);

// `12 s`, from a minute on `2h5m`; nothing below 0.
std::string Span(absl::Duration span);

// For terminals: what comes from peers may hold control characters, which stand there as `?`. `-` if it is
// empty.
std::string Printable(std::string_view text);

// `2024-05-01T12:00:00.123Z`.
void WriteTime(std::int64_t unix_ms, json::Writer& writer);
// Null if it is empty.
void WriteText(std::string_view text, json::Writer& writer);

// Ends the writer's document as a line. A text that is not UTF-8 can only come from a broken node: its line
// says `null`.
void EndLine(json::DocumentWriter& writer, std::string* out);

// JSON that may have line breaks, which stand between tokens only (RFC 8259, section 7).
std::string OnOneLine(std::string_view json);

}  // namespace federation::fedctl
