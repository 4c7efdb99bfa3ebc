#pragma once

#include <string>

#include "federation/node.h"

namespace federation::fednode {

// What fednode prints for an update that it applied, with a line feed at the end:
// `{"origin":"alpha.test","seq":17,"update":{...}}`. Weak updates have no `seq`. The update is as its origin
// wrote it, with line breaks between its tokens turned into blanks.
std::string PrintedLine(const Applied& applied);

}  // namespace federation::fednode
