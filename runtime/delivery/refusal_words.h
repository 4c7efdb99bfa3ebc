#pragma once

#include <string>
#include <string_view>

namespace federation::delivery {

// Why a peer refuses what it was sent, for people: the `detail` of its problem document (RFC 9457),
// shortened, behind the HTTP status.
std::string RefusalWords(int status, std::string_view body);

}  // namespace federation::delivery
