#include "discovery/srv_answer.h"

#include <algorithm>
#include <ares.h>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <absl/strings/ascii.h>
#include <arpa/nameser.h>

#include "federation/domain.h"

#include "discovery/ares_channel.h"

namespace federation::discovery {
namespace {

// Times to live with the highest bit set are 0 (RFC 2181, section 8).
constexpr std::uint32_t kTtlMax = 0x7fff'ffff;

// The shortest of the answer section; c-ares does not tell it. None if the bytes are no message.
std::optional<std::chrono::seconds> ShortestTtl(const unsigned char* bytes, int size) {
  ns_msg message;
  if (ns_initparse(bytes, size, &message) != 0) return std::nullopt;
  std::uint32_t shortest = kTtlMax;
  for (int i = 0; i < ns_msg_count(message, ns_s_an); ++i) {
    ns_rr record;
    if (ns_parserr(&message, ns_s_an, i, &record) != 0) return std::nullopt;
    const std::uint32_t ttl = ns_rr_ttl(record);
    shortest = std::min(shortest, ttl > kTtlMax ? 0 : ttl);
  }
  return std::chrono::seconds{shortest};
}

std::string HostOf(const ares_srv_reply& record) {
  std::string host = absl::AsciiStrToLower(record.host);
  if (!host.empty() && host.back() == '.') host.pop_back();
  return host;
}

}  // namespace

absl::StatusOr<directory::DiscoverySources::Srv> ParseSrvAnswer(const unsigned char* bytes, int size,
                                                                std::size_t records_max) {
  ares_srv_reply* first = nullptr;
  const int status = ares_parse_srv_reply(bytes, size, &first);
  const std::unique_ptr<ares_srv_reply, void (*)(void*)> owned(first, &ares_free_data);
  if (status != ARES_SUCCESS) return ToStatus(status);
  const std::optional<std::chrono::seconds> ttl = ShortestTtl(bytes, size);
  if (!ttl) return ToStatus(ARES_EBADRESP);

  directory::DiscoverySources::Srv srv;
  srv.ttl = *ttl;
  int records = 0;
  bool is_unavailable = false;
  for (const ares_srv_reply* record = first; record != nullptr; record = record->next) {
    ++records;
    const std::string host = HostOf(*record);
    if (host.empty()) is_unavailable = true;
    if (record->port == 0 || !ValidateDomain(host).ok() || srv.records.size() == records_max) continue;
    srv.records.push_back({record->priority, record->weight, {host, record->port}});
  }
  // The one record with the target "." (RFC 2782).
  if (is_unavailable && records == 1) return srv;
  if (srv.records.empty()) return absl::NotFoundError("no record has a host name and a port");
  return srv;
}

}  // namespace federation::discovery
