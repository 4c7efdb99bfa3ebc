#pragma once

#include <string>
#include <string_view>

namespace federation::json {

// The place, in the notation of DecodeError::path, that a document has come to which is written so far: the
// keys and the indices of what is still open, and the key of the value that is being written. `written` is
// what a Writer has put out, commas behind each value.
std::string PathAtEnd(std::string_view written);

}  // namespace federation::json
