#pragma once

#include <chrono>
#include <string>

namespace federation {

// Files in PEM form.
struct TlsFiles {
  // The node's certificate, followed by the intermediate ones. It must be valid for the node's domain.
  std::string certificate{};
  std::string private_key{};
  // The authorities that peers' certificates are checked against. Empty: those of the system.
  std::string authorities{};
  // How often a running node looks whether these files have changed, and reads them again; 0: never. New
  // connections use what was read last, the others go on as they are. See also Node::ReloadTls. The
  // authorities of the system are not looked at.
  std::chrono::milliseconds check_interval = std::chrono::seconds{10};
};

}  // namespace federation
