#pragma once

#include <string>

namespace federation::codegen::text {

// PeerType -> peer_type, HTTPCode -> http_code, GetURL -> get_url. Words that are apart already stay so.
std::string SnakeCase(const std::string& name);

}  // namespace federation::codegen::text
