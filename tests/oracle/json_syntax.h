#pragma once

#include <string_view>

// What another parser, Boost.JSON, says of a document: a witness for claims about documents that two readers
// take differently.
namespace oracle {

// Whether `text` is one JSON document as RFC 8259 has it, in UTF-8, without lone surrogates.
bool IsJson(std::string_view text);

// Whether an object in `text`, which is JSON, has a key twice.
bool HasDuplicateKeys(std::string_view text);

// How deep the objects and arrays of `text`, which is JSON, nest.
int DepthOf(std::string_view text);

// Whether the documents, which are JSON, differ in nothing but the order of keys.
bool SameButForOrder(std::string_view first, std::string_view second);

}  // namespace oracle
