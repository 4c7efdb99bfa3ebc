#include <chrono>

#include <absl/strings/str_cat.h>

#include "abuse/table.h"

namespace federation::abuse {
namespace {

using support::CertificateOptions;
using Peer = AbuseRow::Peer;
constexpr auto kOpen = AbuseRow::After::kOpen;
constexpr auto kClosed = AbuseRow::After::kClosed;

constexpr char kUpdates[] = "/http/v1/updates";
constexpr char kPush[] = R"({"weak":[],"strong":[],"seq":0})";

std::string Get(std::string_view target) {
  return absl::StrCat("GET ", std::string(target), " HTTP/1.1\r\nHost: bravo.test\r\n\r\n");
}

std::string PushFrom(const std::string& origin) {
  return Post(kUpdates, {"Federation-Origin: " + origin}, kPush);
}

// Somebody whose certificate is refused in the handshake.
AbuseRow Refused(const char* name, CertificateOptions certificate) {
  return {name, GoodPush(), 0, "", kClosed, Peer::kOutsider, std::move(certificate)};
}

// Bytes in the place of TLS.
AbuseRow Plain(const char* name, std::string bytes) {
  return {name, std::move(bytes), 0, "", kClosed, Peer::kPlain};
}

// A TLS record of handshake messages.
std::string Record(char type, std::string_view content) {
  std::string record = {type, '\x03', '\x01', static_cast<char>(content.size() >> 8),
                        static_cast<char>(content.size() & 0xff)};
  return record.append(content);
}

// A ClientHello up to its session id, of which there is none.
std::string HelloStart(std::string_view version) {
  return std::string(version) + std::string(32, 'r') + std::string(1, '\0');
}

std::string Hello(std::string_view body) {
  std::string message = {'\x01', '\0', static_cast<char>(body.size() >> 8),
                         static_cast<char>(body.size() & 0xff)};
  return Record('\x16', message.append(body));
}

}  // namespace

std::vector<AbuseRow> IdentityRows() {
  return {
      {"an origin that the certificate does not name", PushFrom("charlie.test"), 403,
       "not valid for charlie.test", kClosed},
      {"a domain below the certificate's", PushFrom("a.alpha.test"), 403, "not valid for a.alpha.test",
       kClosed},
      {"an origin with a leading dot", PushFrom(".alpha.test"), 400, "a label is empty", kClosed},
      {"an origin with a dot at the end", PushFrom("alpha.test."), 400, "a label is empty", kClosed},
      {"an origin in UTF-8", PushFrom("\xC3\xA4lpha.test"), 400, "only lower case letters", kClosed},
      {"an origin with a comma", PushFrom("alpha.test, bravo.test"), 400, "only lower case letters", kClosed},
      {"an empty origin", PushFrom(""), 400, "it is empty", kClosed},
      {"an origin of 300 letters", PushFrom(std::string(300, 'a')), 400, "longer than 253", kClosed},
      {"two origins",
       Post(kUpdates, {"Federation-Origin: alpha.test", "Federation-Origin: alpha.test"}, kPush), 400,
       "one Federation-Origin", kClosed},
      {"an address for an origin", PushFrom("127.0.0.1"), 400, "a number, as in an IP address", kClosed},
      {"a destination that is not served", Post(kUpdates, {"Federation-Destination: charlie.test"}, kPush),
       404, "speaks for bravo.test", kOpen},
      {"a destination that is no domain", Post(kUpdates, {"Federation-Destination: b_b"}, kPush), 400,
       "Federation-Destination", kClosed},
      {"two destinations",
       Post(kUpdates, {"Federation-Destination: bravo.test", "Federation-Destination: bravo.test"}, kPush),
       400, "one Federation-Destination", kClosed},
      {"no certificate", GoodPush(), 401, "want a client certificate", kClosed, Peer::kNobody},
      {"no certificate, and a name all the same", PushFrom("alpha.test"), 401, "want a client certificate",
       kClosed, Peer::kNobody},
      {"no certificate, and a push behind what is for everybody", Get("/.well-known/actor-federation"), 200,
       "endpoints", kClosed, Peer::kNobody},
      {"no certificate, and a push to what is for everybody", Post("/.well-known/actor-federation", {}, ""),
       401, "want a client certificate", kClosed, Peer::kNobody},
      {"no certificate, and a body that does not come for what is for everybody",
       "GET /.well-known/actor-federation HTTP/1.1\r\nHost: b\r\nContent-Length: 9999\r\n\r\n", 401,
       "want a client certificate", kClosed, Peer::kNobody},
      {"no certificate, and a body that does not come",
       "POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 9999\r\n\r\n", 401, "want a client certificate",
       kClosed, Peer::kNobody},
      {"a certificate with two names, none of which is claimed",
       GoodPush(),
       401,
       "has 2 DNS names",
       kClosed,
       Peer::kOutsider,
       {.dns_names = {"charlie.test", "delta.test"}}},
      {"a certificate with its name in the CN only",
       PushFrom("charlie.test"),
       403,
       "its CN is not looked at",
       kClosed,
       Peer::kOutsider,
       {.common_name = "charlie.test"}},
      Refused("a certificate that has expired",
              {.dns_names = {"alpha.test"}, .valid_until = std::chrono::minutes(-1)}),
      Refused("a certificate that is not valid yet",
              {.dns_names = {"alpha.test"}, .valid_from = std::chrono::hours(1)}),
      Refused("a certificate for signing code",
              {.dns_names = {"alpha.test"}, .extended_key_usage = {"codeSigning"}}),
  };
}

std::vector<AbuseRow> HandshakeRows() {
  return {
      Plain("HTTP without TLS", GoodPush()),
      Plain("an end at once", ""),
      Plain("one byte", "\x16"),
      Plain("garbage", std::string(1000, '\xff')),
      Plain("zeros", std::string(1000, '\0')),
      Plain("a record of SSL 2",
            std::string("\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10", 11) + std::string(40, 'x')),
      Plain("half a record", Record('\x16', std::string(500, 'x')).substr(0, 200)),
      Plain("a record that is too long", std::string("\x16\x03\x01\xff\xff", 5) + std::string(70'000, 'x')),
      Plain("a thousand empty records",
            [] {
              std::string records;
              for (int i = 0; i < 1000; ++i) records += Record('\x16', "");
              return records;
            }()),
      Plain("data before the handshake", Record('\x17', "hello")),
      Plain("a thousand warnings",
            [] {
              std::string records;
              for (int i = 0; i < 1000; ++i) records += Record('\x15', std::string("\x01\x5a", 2));
              return records;
            }()),
      Plain("a hello without suites", Hello(HelloStart("\x03\x03") + std::string("\0\0\x01\0", 4))),
      Plain("a hello of SSL 3",
            Hello(HelloStart(std::string("\x03\0", 2)) + std::string("\0\x02\0\x2f\x01\0", 6))),
      Plain("a hello of TLS 1.0", Hello(HelloStart("\x03\x01") + std::string("\0\x02\0\x2f\x01\0", 6))),
      Plain("a hello with CBC suites only",
            Hello(HelloStart("\x03\x03") + std::string("\0\x04\xc0\x13\0\x2f\x01\0", 8))),
      Plain("a hello whose lengths contradict each other", Hello(HelloStart("\x03\x03") + "\xff\xff\x01")),
      {"a good push over TLS 1.2", GoodPush(), 200, "\"receive\":\"ok\"", kOpen, Peer::kTls12},
  };
}

}  // namespace federation::abuse
