#pragma once

#include <string>

namespace federation {

// Files in PEM form.
struct TlsFiles {
  // The node's certificate, followed by the intermediate ones. It must be valid for the node's domain.
  std::string certificate{};
  std::string private_key{};
  // The authorities that peers' certificates are checked against. Empty: those of the system.
  std::string authorities{};
};

}  // namespace federation
