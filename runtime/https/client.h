#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/limits.h"

#include "directory/address_policy.h"
#include "https/event_loop.h"
#include "https/finding.h"
#include "https/reloadable_tls.h"
#include "transport/transport.h"

namespace federation::https {

using transport::Answer;
using transport::Call;

// Makes calls over connections that are kept open, on each of which calls wait for each other, or are
// pipelined. Answers are bounded by HttpLimits, redirects are not followed. To be used on the loop only.
class Client final : public transport::Client {
 public:
  // `origin`: whose client it is, for the header Federation-Origin. `connections_max` is for each
  // destination, at least 1; another connection is opened only if a call would have to wait for another one.
  // That of the pipelined calls comes on top.
  //
  // `calls_max`, where it is more than 1: so many calls that are repeatable, and small, may be on their way
  // on a connection at a time, without being pipelined by their caller. They have as many connections of
  // their own, and may for a while have half as many again on which answers are late. When one of
  // those fails, calls that were behind another one on it are made once more at once (see ClientBundle).
  Client(EventLoop& loop, std::shared_ptr<const ReloadableTls> tls, const HttpLimits& limits,
         directory::AddressPolicy policy, std::string origin, std::size_t connections_max = 1,
         const Finding& finding = {}, std::size_t calls_max = 1);
  // Drops the calls that run; their `done` is not called any more.
  ~Client() override;

  // `done` is called on the loop, once. Errors: unavailable (no address, no connection, TLS, an answer that
  // is no HTTP) with words that say which, aborted (see Call::repeatable), deadline exceeded, permission
  // denied (a refused address, or a certificate that is not the destination's), and those of ServerFinder.
  void Post(Call call, Done done) override;

  // How many destinations it has calls or connections to; nothing is remembered of others.
  std::size_t destinations() const;

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace federation::https
