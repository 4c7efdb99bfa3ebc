#pragma once

#include <string>

#include "https/client.h"

namespace federation::node {

// Why a peer refuses what it was sent, for people: the `detail` of its problem document (RFC 9457),
// shortened, behind the HTTP status.
std::string WordsOf(const https::Answer& answer);

}  // namespace federation::node
