#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <absl/status/statusor.h>

#include "directory/address_policy.h"
#include "https/document_reader.h"
#include "https/event_loop.h"
#include "https/name_resolver.h"
#include "https/reloadable_tls.h"

namespace federation::https {

// One GET, of a web server that need not be a server of the federation.
struct Fetch {
  // A name. The server's certificate has to be valid for it, and its addresses are checked.
  std::string host;
  std::uint16_t port = 443;
  std::string path;
  // Of the body. The head is bounded, too.
  std::size_t body_bytes_max = std::size_t{64} * 1024;
  // From the call to the whole answer.
  std::chrono::milliseconds timeout{10'000};
};

// Fetches documents, each over a connection of its own. Redirects are not followed: their answers are answers
// as others are. Bodies may be chunked, or end with the connection (RFC 9112, section 6.3). To be used on the
// loop only.
class Fetcher {
 public:
  // Borrows the loop and the resolver.
  Fetcher(EventLoop& loop, std::shared_ptr<const ReloadableTls> tls, directory::AddressPolicy policy,
          NameResolver& resolver);
  // Drops what runs; its `done` is not called any more.
  ~Fetcher();

  // `done` is called on the loop, once, not from within this call. Errors: permission denied (a refused
  // address, or certificate), deadline exceeded, unavailable (no connection, or an answer that is too large,
  // or no HTTP).
  using Done = std::function<void(absl::StatusOr<Fetched>)>;
  void Get(Fetch fetch, Done done);

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace federation::https
