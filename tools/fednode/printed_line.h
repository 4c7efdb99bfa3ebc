#pragma once

#include <string>
#include <string_view>

#include "federation/node.h"

namespace federation::fednode {

// What fednode prints for an update that it applied, with a line feed at the end:
// `{"origin":"alpha.test","seq":17,"update":{...}}`. Weak updates have no `seq`. The update is as its origin
// wrote it, with line breaks between its tokens turned into blanks. `destination`: the domain that it was
// for, where several print; it stands in front then, as `"destination":"bravo.test",`.
std::string PrintedLine(const Applied& applied, std::string_view destination = "");

}  // namespace federation::fednode
