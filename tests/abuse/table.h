#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "support/test_ca.h"

// What others may send that nobody should, and what becomes of it: one row a case. Another kind of abuse is
// another function that returns rows, and a line in all_rows.cc. abuse_test.cc plays them one after the
// other, soak.cc all at once.
namespace federation::abuse {

struct AbuseRow {
  // Who sends, and over what.
  enum class Peer {
    kAlpha,     // TLS 1.3 with a good certificate of alpha.test, of which kAbuseLast updates are applied
    kTls12,     // the same over TLS 1.2
    kNobody,    // TLS 1.3 without a certificate
    kPlain,     // no TLS: the bytes go to the socket as they are
    kOutsider,  // TLS 1.3 with the certificate of `certificate`
    kNewcomer,  // TLS 1.3 with a good certificate of a domain that has never sent anything
    // Servers that are asked where that of evil.test is; what they send is their answer.
    kWebServer,      // with a certificate for evil.test, or that of `certificate`
    kSlowWebServer,  // the same, ten bytes in a second
    kDnsServer       // see dns_messages.h
  };
  // What becomes of the connection.
  enum class After {
    kOpen,    // a good request over it is answered; of a web server: it waits for the other end to close
    kClosed,  // the server has ended it; a good request behind the bytes is not looked at
  };

  const char* name;
  std::string bytes;
  // 0: there is no answer at all. For servers: 200 if what they say is taken, else 0.
  int status = 0;
  // A part of the answer's body; for servers, of how their domain's server was found (attacker.h, Describe).
  const char* body = "";
  After after = After::kClosed;
  Peer peer = Peer::kAlpha;
  support::CertificateOptions certificate{};
  // Of a newcomer: how many of its updates are in the quarantine afterwards.
  std::size_t quarantined = 0;
};

bool IsServer(AbuseRow::Peer peer);

// The lines of a head, each without its end, and the body; `lines` come between those that every request has.
std::string Post(std::string_view target, const std::vector<std::string>& lines, std::string_view body);
// A push without updates, which is answered with 200.
std::string GoodPush();
// A push with one strong update: if it is ever applied, a row has smuggled a request. Contains kSmuggled.
std::string SmuggledPush();

inline constexpr char kSmuggled[] = "smuggled";

// Limits of the server under abuse, so that rows can go beyond them.
inline constexpr std::size_t kAbuseHeaderBytesMax = 4096;
inline constexpr std::size_t kAbuseBodyBytesMax = 100'000;
// The number up to which updates of alpha.test are applied before the rows are played.
inline constexpr int kAbuseLast = 3;
// Whom servers may lead to; the rest of 127.0.0.0/8 is refused as every other address that is not global.
inline constexpr char kAbuseAllowedAddress[] = "127.0.0.1/32";

std::vector<AbuseRow> FramingRows();    // lengths and encodings
std::vector<AbuseRow> SyntaxRows();     // lines, bytes, versions
std::vector<AbuseRow> TargetRows();     // targets, Host, methods
std::vector<AbuseRow> IdentityRows();   // certificates and headers that name somebody
std::vector<AbuseRow> HandshakeRows();  // TLS itself
std::vector<AbuseRow> JsonRows();       // bodies that are no JSON, or not I-JSON
std::vector<AbuseRow> PushRows();       // pushes that are none, and numbers that lie
std::vector<AbuseRow> UpdateRows();     // updates that the schema does not know
std::vector<AbuseRow> RpcRows();        // requests and their headers
std::vector<AbuseRow> WellKnownRows();  // web servers that are asked for the document
std::vector<AbuseRow> DnsRows();        // DNS servers

std::vector<AbuseRow> AllRows();

}  // namespace federation::abuse
