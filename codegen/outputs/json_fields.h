#pragma once

#include <cstddef>
#include <string>

#include <google/protobuf/io/printer.h>

#include "codegen/model/model.h"
#include "codegen/outputs/outputs.h"

// The code that reads and writes one field of a message.
namespace federation::codegen {

// What the code for the field includes.
void AddFieldIncludes(const Field& field, Includes* includes);

// Statements that write the field, if it is to be written.
void PrintWriteField(const Field& field, google::protobuf::io::Printer& out);

// The case, of the switch over an object's fields, that reads the field; the key table `keys` has it as
// `index`. Behind it comes the case of the next field, unless it is the last one.
void PrintReadField(const Field& field, const std::string& keys, std::size_t index, bool last,
                    google::protobuf::io::Printer& out);

}  // namespace federation::codegen
