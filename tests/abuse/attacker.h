#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <absl/status/statusor.h>

#include "federation/resolution.h"

#include "abuse/certificates.h"
#include "abuse/table.h"
#include "support/raw_tls_connection.h"

namespace federation::abuse {

// What came back when a row was played.
struct Played {
  std::optional<support::RawMessage> answer;
  // The answer to the request behind the row's bytes.
  std::optional<support::RawMessage> next;
  // Whether the server has ended the connection.
  bool closed = false;
  // Of rows without TLS: the bytes that came before the end; none if that did not come.
  std::optional<std::size_t> plain_bytes;
  // Who has sent, where that is a newcomer.
  std::string newcomer;
};

// Sends what rows say to the server of bravo.test at a port of 127.0.0.1, over connections of its own. Not
// thread-safe.
class Attacker {
 public:
  // Borrows the certificates. Newcomers are called by `name` and a number below `newcomers_max`, with which
  // it begins anew.
  Attacker(std::uint16_t port, Certificates& certificates, std::string name, int newcomers_max)
      : port_(port), certificates_(certificates), name_(std::move(name)), newcomers_max_(newcomers_max) {}

  // Whose certificate it shows in the place of alpha.test's: who has that one is alpha.test, and what he does
  // to alpha.test's link is his business.
  void ActAs(std::string domain) { domain_ = std::move(domain); }
  // How long it waits for an answer, in place of 10 s.
  void GiveUpAfter(std::chrono::milliseconds silence) { silence_ = silence; }
  // A row of a peer that is no server. Throws std::runtime_error if nobody listens.
  Played Play(const AbuseRow& row);
  // A push of alpha.test with nothing in it.
  Played PlayGood();

 private:
  support::RawTlsConnection Connect(const AbuseRow& row, const std::string& newcomer);
  support::RawTlsConnection ConnectAs(const AbuseRow& row, const std::string& newcomer);
  Played PlayPlain(const AbuseRow& row);

  const std::uint16_t port_;
  Certificates& certificates_;
  const std::string name_;
  const int newcomers_max_;
  std::string domain_ = "alpha.test";
  int newcomers_ = 0;
  std::optional<std::chrono::milliseconds> silence_;
};

// How the server of a domain was found, a line each: the ways with what came of them, the places, the
// addresses with the reason why they are refused, how many of both.
std::string Describe(const Resolution& resolution);

}  // namespace federation::abuse
