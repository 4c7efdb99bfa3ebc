#pragma once

#include <cstddef>

#include <google/protobuf/io/printer.h>

#include "codegen/model/model.h"
#include "codegen/outputs/outputs.h"

// The code that reads and writes one field of a message.
namespace federation::codegen {

// What the code for the field includes.
void AddFieldIncludes(const Field& field, Includes* includes);

// Statements that write the field, if it is to be written.
void PrintWriteField(const Field& field, google::protobuf::io::Printer& out);

// The case, of the switch over an object's fields, that reads the field; the key table has it as `index`.
void PrintReadField(const Field& field, std::size_t index, google::protobuf::io::Printer& out);

}  // namespace federation::codegen
