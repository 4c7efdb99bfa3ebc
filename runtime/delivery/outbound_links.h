#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "federation/link_status.h"
#include "federation/store.h"

#include "delivery/outbound_link.h"

namespace federation::delivery {

// The links of a node to all destinations. A link that has nothing to do exists in the store only, but for a
// few hundred bytes if it was used since the start. To be used on the loop only.
class OutboundLinks {
 public:
  // Peers that are remembered as heard while no link to them was used; further ones wait for the end of a
  // stored pause like others.
  static constexpr std::size_t kHeardMax = 65'536;

  explicit OutboundLinks(LinkServices services) : services_(std::move(services)) {}

  // Begins to deliver what waits.
  void Start();
  void Appended(const std::string& destination, Seq assigned, std::shared_ptr<const UpdateRun> run);
  void SendWeak(const std::string& destination, std::string json, std::string replace_key);
  void Heard(const std::string& origin);
  void Wake(const std::string& destination);
  void SetPaused(const std::string& destination, bool paused);
  void GaveUp(const std::string& destination, Seq first, Seq last);
  // Forgets the failures of a link.
  void Reset(const std::string& destination);
  // Every link of the store; `done` is called on the loop.
  void Status(std::function<void(absl::StatusOr<std::vector<LinkStatus>>)> done);
  // Ends all links.
  void Stop();

 private:
  struct Entry {
    LinkMemory memory;
    std::shared_ptr<OutboundLink> link;  // null while it has nothing to do
  };

  OutboundLink& Get(const std::string& destination);
  // Lets go of a link that has nothing to do.
  void Rest(const std::string& destination);
  LinkStatus StatusOf(const StoredLink& stored) const;
  // Failures and pause of a link that is not loaded. `memory` may be null.
  void AddPause(const StoredLink& stored, const LinkMemory* memory, LinkStatus& status) const;

  LinkServices services_;
  std::map<std::string, Entry, std::less<>> entries_;
  // Peers that have spoken to us and have no entry, and when they did: a pause that an earlier process has
  // stored ends with that. At most kHeardMax.
  std::map<std::string, std::chrono::system_clock::time_point, std::less<>> heard_;
  bool stopped_ = false;
  std::unique_ptr<Timer> start_timer_;
  // Says to tasks of the loop whether this still exists.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace federation::delivery
