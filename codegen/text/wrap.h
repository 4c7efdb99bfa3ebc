#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "codegen/model/model.h"

namespace federation::codegen::text {

// Generated lines are no longer than this.
inline constexpr std::size_t kColumnsMax = 110;

// `head(arguments)tail`, in one line if that fits at an indentation of `indent` spaces, else broken between
// arguments and aligned behind the parenthesis.
std::string Call(const std::string& head, const std::vector<std::string>& arguments, const std::string& tail,
                 std::size_t indent);

// A comment at an indentation of `indent` spaces, each line with its end; the first line is not indented.
// Empty if the comment is.
std::string CommentLines(const Comment& comment, std::size_t indent);

// The same in front of what is printed next in that line: behind the comment comes its indentation.
std::string CommentAbove(const Comment& comment, std::size_t indent);

}  // namespace federation::codegen::text
