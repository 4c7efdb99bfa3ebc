#include <absl/strings/str_cat.h>

#include "abuse/dns_messages.h"
#include "abuse/table.h"

namespace federation::abuse {
namespace {

constexpr auto kClosed = AbuseRow::After::kClosed;
constexpr auto kDnsServer = AbuseRow::Peer::kDnsServer;

constexpr char kService[] = "_actor-server._tcp.evil.test";
constexpr char kNode[] = "node.evil.test";
// A name that stands in the question, which begins at byte 12 (RFC 1035, section 4.1.4).
const std::string kAsInQuestion("\xc0\x0c", 2);

AbuseRow Row(const char* name, std::string bytes, int status, const char* body) {
  return {name, std::move(bytes), status, body, kClosed, kDnsServer};
}

std::string ServiceAt(const std::string& target, unsigned port = 9880) {
  return DnsRecord(kAsInQuestion, kDnsSrv, SrvData(port, target));
}

// An answer with SRV records.
std::string ServiceAnswer(const std::vector<std::string>& records) {
  return DnsMessage(kService, kDnsSrv, records);
}

// One SRV record whose target is not taken.
AbuseRow NoHost(const char* name, const std::string& target) {
  return Row(name, ServiceAnswer({ServiceAt(target)}), 0,
             "srv nothing: no record has a host name and a port");
}

// A server that stands where nobody may connect to.
AbuseRow Address4(const char* name, const std::string& address, const char* refused) {
  return Row(name,
             ServiceAnswer({ServiceAt(DnsName(kNode))}) +
                 DnsMessage(kNode, kDnsA, {DnsRecord(kAsInQuestion, kDnsA, address)}),
             200, refused);
}
AbuseRow Address6(const char* name, const std::string& address, const char* refused) {
  return Row(name,
             ServiceAnswer({ServiceAt(DnsName(kNode))}) +
                 DnsMessage(kNode, kDnsAaaa, {DnsRecord(kAsInQuestion, kDnsAaaa, address)}),
             200, refused);
}

// An answer that cannot be read, or is none.
AbuseRow Failed(const char* name, std::string bytes) {
  return Row(name, std::move(bytes), 0, "srv failed: ");
}

std::string Bytes(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1]));
  }
  return bytes;
}

std::vector<AbuseRow> ServiceRows() {
  std::vector<std::string> many;
  for (int i = 0; i < 1000; ++i) many.push_back(ServiceAt(DnsName(absl::StrCat("n", i, ".evil.test"))));
  return {
      Row("no server at all", ServiceAnswer({ServiceAt(DnsName(""), 0)}), 200, "says that it has no server"),
      Row("no server, twice, which is no word",
          ServiceAnswer({ServiceAt(DnsName(""), 0), ServiceAt(DnsName(""), 0)}), 0,
          "srv nothing: no record has a host name"),
      Row("no server, and one", ServiceAnswer({ServiceAt(DnsName("")), ServiceAt(DnsName(kNode))}), 200,
          "1. node.evil.test:9880"),
      Row("a target at port 0", ServiceAnswer({ServiceAt(DnsName(kNode), 0)}), 0,
          "no record has a host name and a port"),
      NoHost("a target that is the service itself", kAsInQuestion),
      NoHost("an address for a target", DnsName("127.0.0.1")),
      NoHost("an address in hexadecimal for a target", DnsName("0x7f000001")),
      NoHost("an address as one number for a target", DnsName("2130706433")),
      NoHost("a target with a space", DnsName("node evil.test")),
      NoHost("a target with a NUL byte", DnsName(std::string_view("node\0.evil.test", 15))),
      NoHost("a target with an escape byte", DnsName("node\x1b[2J.evil.test")),
      NoHost("a target in UTF-8", DnsName("n\xc3\xb6"
                                          "de.test")),
      NoHost("a target with a slash", DnsName("evil.test/x")),
      NoHost("a target with a user", DnsName("a@evil.test")),
      Row("1000 records, over TCP", ServiceAnswer(many), 200, "\n32 places"),
      Row("the same record 300 times",
          ServiceAnswer(std::vector<std::string>(300, ServiceAt(DnsName(kNode)))), 200, "\n32 places"),
      Row("an alias of itself",
          DnsMessage(kService, kDnsSrv, {DnsRecord(kAsInQuestion, kDnsCname, kAsInQuestion)}), 0,
          "srv nothing"),
      Row("two aliases of each other",
          DnsMessage(kService, kDnsSrv,
                     {DnsRecord(kAsInQuestion, kDnsCname, DnsName("a.evil.test")),
                      DnsRecord(DnsName("a.evil.test"), kDnsCname, kAsInQuestion)}),
          0, "srv nothing"),
      Row("a target that is an alias of itself",
          ServiceAnswer({ServiceAt(DnsName(kNode))}) +
              DnsMessage(kNode, kDnsA, {DnsRecord(kAsInQuestion, kDnsCname, kAsInQuestion)}) +
              DnsMessage(kNode, kDnsAaaa, {DnsRecord(kAsInQuestion, kDnsCname, kAsInQuestion)}),
          200, "1. node.evil.test:9880"),
      Row("a time to live of 136 years",
          DnsMessage(kService, kDnsSrv,
                     {DnsRecord(kAsInQuestion, kDnsSrv, SrvData(9880, DnsName(kNode)), 0xffff'ffff)}),
          200, "1. node.evil.test:9880"),
  };
}

std::vector<AbuseRow> AddressRows() {
  return {
      Address4("a server at loopback", Bytes("7f000002"), "\"127.0.0.2\" is refused: loopback"),
      Address4("a server at no address", Bytes("00000000"), "\"0.0.0.0\" is refused: this network"),
      Address4("a private server", Bytes("0a000001"), "\"10.0.0.1\" is refused: private"),
      Address4("a server where clouds keep their secrets", Bytes("a9fea9fe"),
               "\"169.254.169.254\" is refused: link-local"),
      Address4("everybody for a server", Bytes("ffffffff"), "\"255.255.255.255\" is refused: reserved"),
      Address4("many for a server", Bytes("e0000001"), "\"224.0.0.1\" is refused: multicast"),
      Address6("loopback in IPv6", Bytes("00000000000000000000000000000001"), "\"::1\" is refused: loopback"),
      Address6("loopback, IPv4 in IPv6", Bytes("00000000000000000000ffff7f000002"), "is refused: loopback"),
      Address6("loopback, compatible with IPv4", Bytes("0000000000000000000000007f000002"), "is refused: "),
      Address6("loopback behind NAT64", Bytes("0064ff9b00000000000000007f000002"), "is refused: "),
      Address6("loopback behind a NAT64 of one's own", Bytes("0064ff9b00010000000000007f000002"),
               "is refused: "),
      Address6("a private address in 6to4", Bytes("20020a00000100000000000000000001"), "is refused: "),
      Address6("loopback in Teredo", Bytes("200100007f0000020000000080fffffd"), "is refused: "),
      Address6("a server on the link", Bytes("fe800000000000000000000000000001"),
               "\"fe80::1\" is refused: link-local"),
      Address6("a unique local server", Bytes("fd000000000000000000000000000001"),
               "\"fd00::1\" is refused: unique local"),
      Address6("many in IPv6", Bytes("ff020000000000000000000000000001"),
               "\"ff02::1\" is refused: multicast"),
      Row("300 private addresses, over TCP",
          ServiceAnswer({ServiceAt(DnsName(kNode))}) +
              DnsMessage(kNode, kDnsA,
                         std::vector<std::string>(300, DnsRecord(kAsInQuestion, kDnsA, Bytes("0a000001")))),
          200, "\n16 addresses"),
      Row("an address of three bytes",
          ServiceAnswer({ServiceAt(DnsName(kNode))}) +
              DnsMessage(kNode, kDnsA, {DnsRecord(kAsInQuestion, kDnsA, Bytes("7f0000"))}),
          200, "\n0 addresses"),
  };
}

std::vector<AbuseRow> MalformedRows() {
  const std::string good = ServiceAt(DnsName(kNode));
  const std::string to_itself("\xc0\x2f", 2);  // where a record's name stands, behind the question
  const std::string behind_the_end("\xff\xff", 2);
  return {
      Failed("no byte at all", DnsFrame("")),
      Failed("one byte of DNS", DnsFrame("x")),
      Failed("half a head", DnsFrame(std::string("\0\0\x81\x80\0\x01", 6))),
      Failed("a head and nothing else", DnsFrame(std::string("\0\0\x81\x80\0\0\0\0\0\0\0\0", 12))),
      Failed("text", DnsFrame("HTTP/1.1 400 Bad Request\r\n\r\n")),
      Failed("65 535 bytes without a sense", DnsFrame(std::string(65'535, '\xaa'))),
      Failed("65 535 answers that are not there", DnsMessage(kService, kDnsSrv, {good}, {.answers = 65'535})),
      Failed("two answers of which one is there", DnsMessage(kService, kDnsSrv, {good}, {.answers = 2})),
      Failed("a record that breaks off", DnsMessage(kService, kDnsSrv, {good.substr(0, good.size() - 5)})),
      Failed("a name that points to itself",
             DnsMessage(kService, kDnsSrv, {DnsRecord(to_itself, kDnsSrv, SrvData(1, kAsInQuestion))})),
      Failed("a name behind the end",
             DnsMessage(kService, kDnsSrv, {DnsRecord(behind_the_end, kDnsSrv, SrvData(1, kAsInQuestion))})),
      Failed("a target behind the end", ServiceAnswer({ServiceAt(behind_the_end)})),
      Failed("a target of a label that is too long",
             ServiceAnswer({ServiceAt("\x7f" + std::string(127, 'x'))})),
      Failed("SERVFAIL", DnsMessage(kService, kDnsSrv, {}, {.flags = 0x8182})),
      Failed("REFUSED", DnsMessage(kService, kDnsSrv, {}, {.flags = 0x8185})),
      Failed("NOTIMP", DnsMessage(kService, kDnsSrv, {}, {.flags = 0x8184})),
      Row("an error that nobody knows", DnsMessage(kService, kDnsSrv, {}, {.flags = 0x818f}), 0,
          "srv nothing"),
      Failed("a good answer to a question of somebody else",
             DnsMessage(kService, kDnsSrv, {good}, {.id = 0x4711})),
      Row("no answers in a good message", DnsMessage(kService, kDnsSrv, {}), 0,
          "srv nothing: the name has no such record"),
      Row("a record of another domain, which counts for the one that was asked for",
          DnsMessage(
              kService, kDnsSrv,
              {DnsRecord(DnsName("_actor-server._tcp.srv.good.test"), kDnsSrv, SrvData(1, DnsName(kNode)))}),
          200, "1. node.evil.test:1 "),
      Row("an answer of another type",
          DnsMessage(kService, kDnsSrv, {DnsRecord(kAsInQuestion, kDnsA, Bytes("7f000001"))}), 0,
          "srv nothing"),
  };
}

}  // namespace

std::vector<AbuseRow> DnsRows() {
  std::vector<AbuseRow> all;
  for (const auto rows : {&ServiceRows, &AddressRows, &MalformedRows}) {
    for (AbuseRow& row : rows()) all.push_back(std::move(row));
  }
  return all;
}

}  // namespace federation::abuse
