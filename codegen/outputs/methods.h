#pragma once

#include <string>

#include "codegen/model/model.h"
#include "codegen/outputs/outputs.h"

// What the two sides of a service have in common.
namespace federation::codegen {

// The classes of requests and answers, and their codecs.
void AddMethodHeaderIncludes(const File& file, Includes* includes);
void AddMethodSourceIncludes(const File& file, Includes* includes);

// What the schema says of a service, in front of what there is to say of a class.
std::string ServiceComment(const Service& service);

}  // namespace federation::codegen
