#include <chrono>

#include <absl/strings/str_cat.h>

#include "abuse/table.h"

namespace federation::abuse {
namespace {

constexpr auto kOpen = AbuseRow::After::kOpen;
constexpr auto kClosed = AbuseRow::After::kClosed;
constexpr auto kWebServer = AbuseRow::Peer::kWebServer;
constexpr char kGood[] = R"({"endpoints":[{"transport":"https","host":"node.evil.test","port":9880}]})";

std::string Answer(std::string_view head, std::string_view body) {
  return absl::StrCat("HTTP/1.1 200 OK\r\n", std::string(head), "Content-Length: ", body.size(), "\r\n\r\n",
                      std::string(body));
}
std::string Document(std::string_view body) { return Answer("Content-Type: application/json\r\n", body); }

std::string Chunked() {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
}

// An answer whose document is not looked at, or refused.
AbuseRow Refused(const char* name, std::string bytes, const char* reason, AbuseRow::After after = kOpen) {
  return {name, std::move(bytes), 0, reason, after, kWebServer};
}
AbuseRow Malformed(const char* name, std::string_view body, const char* reason) {
  return Refused(name, Document(body), reason);
}

std::string Endpoint(std::string_view host, std::string_view port = "9880") {
  return absl::StrCat(R"({"transport":"https","host":")", std::string(host), R"(","port":)",
                      std::string(port), "}");
}
std::string Endpoints(std::string_view endpoints) {
  return absl::StrCat(R"({"endpoints":[)", std::string(endpoints), "]}");
}
AbuseRow Host(const char* name, std::string_view host) {
  return Malformed(name, Endpoints(Endpoint(host)), "endpoints[0].host: want a name or an IP address");
}
AbuseRow Port(const char* name, std::string_view port, const char* reason) {
  return Malformed(name, Endpoints(Endpoint("node.evil.test", port)), reason);
}

// A document that is good, and leads to where nobody may connect.
AbuseRow Forbidden(const char* name, std::string_view host, const char* refused) {
  return {name, Document(Endpoints(Endpoint(host))), 200, refused, kOpen, kWebServer};
}

AbuseRow Redirect(const char* name, std::string_view status, std::string_view to) {
  return Refused(name,
                 absl::StrCat("HTTP/1.1 ", std::string(status), "\r\nLocation: ", std::string(to),
                              "\r\nContent-Type: application/json\r\nContent-Length: ", sizeof(kGood) - 1,
                              "\r\n\r\n", kGood),
                 "redirects are not followed");
}

AbuseRow Certificate(const char* name, support::CertificateOptions certificate) {
  return {name, Document(kGood), 0, "well-known failed: ", kOpen, kWebServer, std::move(certificate)};
}

std::vector<AbuseRow> HttpRows() {
  std::string endless =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 100; ++i) absl::StrAppend(&endless, "400\r\n", std::string(1024, ' '), "\r\n");
  return {
      Redirect("a redirect", "301 Moved Permanently", "https://good.test/.well-known/actor-federation"),
      Redirect("a redirect to the inside", "302 Found", "http://169.254.169.254/latest/meta-data/"),
      Redirect("a redirect to itself", "307 Temporary Redirect", "/.well-known/actor-federation"),
      Redirect("a redirect to a file", "308 Permanent Redirect", "file:///etc/passwd"),
      Redirect("many choices", "300 Multiple Choices", "//good.test"),
      Refused("another status", "HTTP/1.1 206 Partial Content\r\nContent-Length: 0\r\n\r\n",
              "want HTTP 200, got 206"),
      Refused("an error", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "want HTTP 200, got 500"),
      Refused("a status of four digits", "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
              "the answer is refused"),
      Refused(
          "100 for ever",
          [] {
            std::string interim;
            for (int i = 0; i < 2000; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
            return interim;
          }(),
          "well-known failed: "),
      Refused("another type", Answer("Content-Type: text/html\r\n", kGood),
              "want application/json, got \"text/html\""),
      Refused("no type", Answer("", kGood), "want application/json, got \"\""),
      Refused("a type with control bytes", Answer("Content-Type: \x01\r\n", kGood), "well-known failed: "),
      Refused("a document in gzip",
              Answer("Content-Type: application/json\r\nContent-Encoding: gzip\r\n", "\x1f\x8b\x08"),
              "well-known failed: "),
      Refused("a document of 64 KiB and a byte", Document(std::string(64 * 1024 + 1, ' ')),
              "want at most 65536 bytes"),
      Refused("a document of 10 GB, as it says",
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000000000\r\n\r\n{",
              "want at most 65536 bytes"),
      Refused("a length of 2^64",
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
              "18446744073709551616\r\n\r\n{",
              "the answer is refused"),
      Refused("a document of two lengths",
              Answer("Content-Type: application/json\r\nContent-Length: 1\r\n", kGood),
              "the answer is refused"),
      Refused("chunks without an end", endless, "want at most 65536 bytes"),
      Refused("a chunk of 2^68 bytes",
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: "
              "chunked\r\n\r\n100000000000000000\r\n",
              "the answer is refused"),
      Refused("a document until the end, of 100 KB",
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + std::string(100'000, ' '),
              "want at most 65536 bytes", kClosed),
      Refused("a head of 40 KB", absl::StrCat("HTTP/1.1 200 OK\r\nX: ", std::string(40'000, 'x'), "\r\n\r\n"),
              "the answer is refused"),
      Refused(
          "a head of 5000 fields",
          [] {
            std::string head = "HTTP/1.1 200 OK\r\n";
            for (int i = 0; i < 5000; ++i) head += "x: y\r\n";
            return head + "\r\n";
          }(),
          "the answer is refused"),
      Refused("a chunk whose extension has no end", Chunked() + "1;" + std::string(40'000, 'x'),
              "the answer is refused"),
      Refused("trailers without an end", Chunked() + "0\r\nx: " + std::string(40'000, 'x'),
              "the answer is refused"),
      Refused("a greeting of another protocol", "220 evil.test ESMTP ready\r\n", "the answer is refused"),
      Refused("HTTP/2", std::string("\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64", 15), "the answer is refused"),
      Refused("an end in the place of an answer", "", "well-known failed: ", kClosed),
      Refused("an end in the head", "HTTP/1.1 200 OK\r\nContent-", "closed the connection", kClosed),
      Refused("an end in the document", Document(kGood).substr(0, 120), "closed the connection", kClosed),
      Refused("silence", "", "no answer within"),
      Refused("silence in the document", Document(kGood).substr(0, 120), "no answer within"),
      {"a good document, drop by drop", Document(kGood), 0, "no answer within", kClosed,
       AbuseRow::Peer::kSlowWebServer},
      Certificate("a certificate of another domain", {.dns_names = {"good.test"}}),
      Certificate("a certificate of a domain below", {.dns_names = {"a.evil.test"}}),
      Certificate("a certificate with the name in its CN only", {.common_name = "evil.test"}),
      Certificate("a web server's certificate that has expired",
                  {.dns_names = {"evil.test"}, .valid_until = std::chrono::minutes(-1)}),
      Certificate("a certificate that nobody has signed", {.dns_names = {"evil.test"}, .self_signed = true}),
  };
}

std::vector<AbuseRow> DocumentRows() {
  std::string many = Endpoint("n.evil.test");
  for (int i = 0; i < 700; ++i) absl::StrAppend(&many, ",", Endpoint("n.evil.test"));
  return {
      Malformed("an empty document", "", "want an object"),
      Malformed("HTML", "<html>", "want an object"),
      Malformed("an array of endpoints", "[]", "want an object, got an array"),
      Malformed("no endpoints", "{}", "want at least one"),
      Malformed("an empty list", R"({"endpoints":[]})", "want at least one"),
      Malformed("a word for the list", R"({"endpoints":"node.evil.test"})", "endpoints: want an array"),
      Malformed("a word for an endpoint", R"({"endpoints":["node.evil.test"]})",
                "endpoints[0]: want an object"),
      Malformed("transports that nobody knows",
                R"({"endpoints":[{"transport":"carrier-pigeon","host":"a.test","port":1}]})",
                "want at least one"),
      Malformed("no transport", R"({"endpoints":[{"host":"a.test","port":1}]})", "want at least one"),
      Malformed("the list twice", R"({"endpoints":[],"endpoints":[]})", "duplicate key"),
      Malformed("bytes behind the document", absl::StrCat(kGood, "x"), "want the end of the document"),
      Malformed("a depth bomb", R"({"x":)" + std::string(60'000, '['), "nested deeper than 64"),
      Malformed("a document in invalid UTF-8", "{\"x\":\"\xff\"}", "invalid UTF-8"),
      Malformed("a lone surrogate in a host", Endpoints(Endpoint(R"(\ud800)")), "lone surrogate"),
      Port("port 0", "0", "endpoints[0].port: want 1 to 65535, got 0"),
      Port("port 65536", "65536", "endpoints[0].port: want 1 to 65535, got 65536"),
      Port("a negative port", "-1", "endpoints[0].port: want an integer"),
      Port("port 2^32 + 443", "4294967739", "endpoints[0].port: want an integer"),
      Port("a port with a fraction", "443.5", "endpoints[0].port: want an integer"),
      Host("an empty host", ""),
      Host("a host with an escape byte", R"(node\u001b[2J.evil.test)"),
      Host("a host with a line feed", R"(node.evil.test\r\nX: y)"),
      Host("a host with a NUL byte", R"(node.evil.test\u0000.good.test)"),
      Host("a host with a space", "node evil.test"),
      Host("a host with a slash", "node.evil.test/x"),
      Host("a host with a user", "a@node.evil.test"),
      Host("a host with a port", "node.evil.test:443"),
      Host("a host in UTF-8",
           "n\xc3\xb6"
           "de.evil.test"),
      Host("a host in percents", "node%2eevil.test"),
      Host("a host of 300 letters", std::string(300, 'a')),
      Host("a host with an empty label", "node..evil.test"),
      Host("a host in brackets", "[::1]"),
      Host("an address in octal", "0177.0.0.2"),
      Host("an address in hexadecimal", "0x7f000002"),
      Host("an address as one number", "2130706434"),
      Host("an address of three parts", "127.0.2"),
      Forbidden("loopback", "127.0.0.2", "\"127.0.0.2\" is refused: loopback"),
      Forbidden("no address", "0.0.0.0", "\"0.0.0.0\" is refused: this network"),
      Forbidden("where clouds keep their secrets", "169.254.169.254", "is refused: link-local"),
      Forbidden("a private address", "192.168.0.1", "is refused: private"),
      Forbidden("loopback of IPv6", "::1", "\"::1\" is refused: loopback"),
      Forbidden("loopback, mapped to IPv6", "::ffff:127.0.0.2", "is refused: loopback"),
      Forbidden("loopback, mapped, in hexadecimal", "::ffff:7f00:2", "is refused: loopback"),
      Forbidden("loopback in 6to4", "2002:7f00:2::1", "is refused: 6to4"),
      Forbidden("loopback in NAT64", "64:ff9b::127.0.0.2", "is refused: NAT64"),
      Forbidden("a unique local address", "fd00::1", "is refused: unique local"),
      {"700 endpoints, of which 16 count", Document(Endpoints(many)), 200, "\n16 places", kOpen, kWebServer},
      {"a document that is kept for ever",
       Answer("Content-Type: application/json\r\nCache-Control: max-age=999999999999999999999\r\n", kGood),
       200, "1. node.evil.test:9880", kOpen, kWebServer},
  };
}

}  // namespace

std::vector<AbuseRow> WellKnownRows() {
  std::vector<AbuseRow> all = HttpRows();
  for (AbuseRow& row : DocumentRows()) all.push_back(std::move(row));
  return all;
}

}  // namespace federation::abuse
