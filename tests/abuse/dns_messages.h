#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// DNS messages (RFC 1035, section 4), byte by byte, also such as no honest server writes.
//
// The bytes of a row of AbuseRow::Peer::kDnsServer are messages, each behind two bytes with its length, as
// over TCP. To a question the server says the messages with that question in them, and those without any; to
// a question for which there is none it says that there is no such name. An id of 0 becomes that of the
// question. What is longer than 512 bytes is cut off over UDP, with the bit that says so, and whole over TCP.
namespace federation::abuse {

inline constexpr unsigned kDnsA = 1;
inline constexpr unsigned kDnsCname = 5;
inline constexpr unsigned kDnsAaaa = 28;
inline constexpr unsigned kDnsSrv = 33;

std::string Number16(unsigned value);
// Labels from a name with dots; any bytes but dots may be in them.
std::string DnsName(std::string_view dotted);

std::string DnsRecord(const std::string& owner, unsigned type, const std::string& data,
                      std::uint32_t ttl_s = 60);
std::string SrvData(unsigned port, const std::string& target, unsigned priority = 0);

struct DnsHead {
  unsigned id = 0;
  unsigned flags = 0x8180;  // an answer without an error, recursion offered
  unsigned questions = 1;
  // What the head says; -1: as many as there are.
  int answers = -1;
};

// A message in its frame.
std::string DnsMessage(std::string_view name, unsigned type, const std::vector<std::string>& records,
                       const DnsHead& head = {});
// Bytes in a frame, in the place of a message.
std::string DnsFrame(std::string_view bytes);

}  // namespace federation::abuse
