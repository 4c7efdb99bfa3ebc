#include "abuse/dns_messages.h"

#include <algorithm>

namespace federation::abuse {

std::string Number16(unsigned value) {
  return {static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)};
}

std::string DnsName(std::string_view dotted) {
  std::string name;
  while (!dotted.empty()) {
    const std::size_t dot = std::min(dotted.find('.'), dotted.size());
    name += static_cast<char>(dot);
    name += dotted.substr(0, dot);
    dotted.remove_prefix(std::min(dot + 1, dotted.size()));
  }
  return name + std::string(1, '\0');
}

std::string DnsRecord(const std::string& owner, unsigned type, const std::string& data, std::uint32_t ttl_s) {
  return owner + Number16(type) + Number16(1) + Number16(ttl_s >> 16) + Number16(ttl_s & 0xffff) +
         Number16(static_cast<unsigned>(data.size())) + data;
}

std::string SrvData(unsigned port, const std::string& target, unsigned priority) {
  return Number16(priority) + Number16(0) + Number16(port) + target;
}

std::string DnsMessage(std::string_view name, unsigned type, const std::vector<std::string>& records,
                       const DnsHead& head) {
  const unsigned answers =
      head.answers < 0 ? static_cast<unsigned>(records.size()) : static_cast<unsigned>(head.answers);
  std::string message = Number16(head.id) + Number16(head.flags) + Number16(head.questions) +
                        Number16(answers) + Number16(0) + Number16(0);
  message += DnsName(name) + Number16(type) + Number16(1);
  for (const std::string& record : records) message += record;
  return DnsFrame(message);
}

std::string DnsFrame(std::string_view bytes) {
  return Number16(static_cast<unsigned>(bytes.size())).append(bytes);
}

}  // namespace federation::abuse
