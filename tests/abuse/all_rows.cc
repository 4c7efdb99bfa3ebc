#include <utility>

#include "abuse/table.h"

namespace federation::abuse {

bool IsServer(AbuseRow::Peer peer) {
  return peer == AbuseRow::Peer::kWebServer || peer == AbuseRow::Peer::kSlowWebServer ||
         peer == AbuseRow::Peer::kDnsServer;
}

std::vector<AbuseRow> AllRows() {
  std::vector<AbuseRow> all;
  for (const auto rows : {&FramingRows, &SyntaxRows, &TargetRows, &IdentityRows, &HandshakeRows, &JsonRows,
                          &PushRows, &UpdateRows, &RpcRows, &WellKnownRows, &DnsRows}) {
    for (AbuseRow& row : rows()) all.push_back(std::move(row));
  }
  return all;
}

}  // namespace federation::abuse
