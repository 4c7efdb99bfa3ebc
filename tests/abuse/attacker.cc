#include "abuse/attacker.h"

#include <cerrno>

#include <absl/strings/str_cat.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "support/raw_tls_client.h"

namespace federation::abuse {

using support::ConnectRawTls;
using support::RawTlsConnection;

namespace {

// The bytes that still come before the peer ends the connection; none if it does not. Of the socket itself:
// to TLS an alert is an end, and need not be one.
std::optional<std::size_t> BytesUntilEnd(const RawTlsConnection& connection) {
  char bytes[4096];
  std::size_t received = 0;
  for (;;) {
    const ssize_t count = recv(SSL_get_fd(connection.ssl()), bytes, sizeof(bytes), 0);
    if (count == 0) return received;
    // A time-out is an error of another kind.
    if (count < 0) return errno == ECONNRESET ? std::optional(received) : std::nullopt;
    received += static_cast<std::size_t>(count);
  }
}

}  // namespace

Played Attacker::Play(const AbuseRow& row) {
  if (row.peer == AbuseRow::Peer::kPlain) return PlayPlain(row);
  Played played;
  if (row.peer == AbuseRow::Peer::kNewcomer) {
    played.newcomer = absl::StrCat(name_, newcomers_, ".test");
    newcomers_ = (newcomers_ + 1) % newcomers_max_;
  }
  RawTlsConnection connection = Connect(row, played.newcomer);
  const bool sent = connection.Send(row.bytes);
  // Behind what leaves the connection open a good request must be answered, behind all else none.
  const bool stays_open = row.after == AbuseRow::After::kOpen;
  if (sent && row.status != 408) connection.Send(stays_open ? GoodPush() : SmuggledPush());
  played.answer = connection.Receive();
  if (!played.answer) {
    played.closed = BytesUntilEnd(connection).has_value();
  } else if (stays_open) {
    played.next = connection.Receive();
  } else {
    played.closed = connection.IsClosedByPeer();
  }
  return played;
}

Played Attacker::PlayGood() {
  Played played;
  RawTlsConnection connection = Connect({.name = "a good push", .bytes = ""}, "");
  if (connection.Send(GoodPush())) played.answer = connection.Receive();
  return played;
}

RawTlsConnection Attacker::Connect(const AbuseRow& row, const std::string& newcomer) {
  RawTlsConnection connection = ConnectAs(row, newcomer);
  if (silence_) connection.GiveUpAfter(*silence_);
  return connection;
}

RawTlsConnection Attacker::ConnectAs(const AbuseRow& row, const std::string& newcomer) {
  const char* const to = "bravo.test";
  switch (row.peer) {
    case AbuseRow::Peer::kTls12:
      return ConnectRawTls(port_, certificates_.Of(domain_), to, TLS1_2_VERSION);
    case AbuseRow::Peer::kNobody:
      return ConnectRawTls(port_, {.authorities = certificates_.authorities()}, to);
    case AbuseRow::Peer::kOutsider:
      return ConnectRawTls(port_, certificates_.Of(row.name, row.certificate), to);
    case AbuseRow::Peer::kNewcomer:
      return ConnectRawTls(port_, certificates_.Of(newcomer), to);
    default:
      return ConnectRawTls(port_, certificates_.Of(domain_), to);
  }
}

// There is an alert at most, and then the end.
Played Attacker::PlayPlain(const AbuseRow& row) {
  Played played;
  RawTlsConnection connection = Connect(row, "");
  const int socket = SSL_get_fd(connection.ssl());
  send(socket, row.bytes.data(), row.bytes.size(), MSG_NOSIGNAL);
  shutdown(socket, SHUT_WR);
  played.plain_bytes = BytesUntilEnd(connection);
  return played;
}

std::string Describe(const Resolution& resolution) {
  static constexpr const char* kSources[] = {"configured", "well-known", "srv", "domain"};
  static constexpr const char* kOutcomes[] = {"taken", "nothing", "failed", "skipped"};
  std::string text;
  for (const Resolution::Step& step : resolution.steps) {
    absl::StrAppend(&text, kSources[static_cast<int>(step.source)], " ",
                    kOutcomes[static_cast<int>(step.outcome)], ": ", step.reason, "\n");
  }
  absl::StrAppend(&text, std::string(resolution.status.message()), "\n");
  std::size_t addresses = 0;
  for (std::size_t i = 0; i < resolution.candidates.size(); ++i) {
    const Resolution::Candidate& candidate = resolution.candidates[i];
    absl::StrAppend(&text, i + 1, ". ", candidate.address.ToString(), " ", candidate.error, "\n");
    for (const Resolution::Address& address : candidate.addresses) {
      absl::StrAppend(&text, address.ip, " ", address.refused, "\n");
    }
    addresses += candidate.addresses.size();
  }
  absl::StrAppend(&text, resolution.candidates.size(), " places\n", addresses, " addresses\n");
  return text;
}

}  // namespace federation::abuse
