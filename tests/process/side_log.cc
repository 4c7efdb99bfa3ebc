#include "process/side_log.h"

#include <algorithm>

#include "process/event_log.h"

namespace federation::process {
namespace {

class Reader {
 public:
  SideLog Read(const std::string& path, std::uint64_t from) {
    for (const std::string& event : ReadEvents(path, from)) {
      const std::vector<std::string_view> words = Words(event, 4);
      if (words.size() >= 2) Take(words, event);
    }
    return std::move(log_);
  }

 private:
  static std::uint64_t Number(std::string_view digits) { return std::stoull(std::string(digits)); }

  void Take(const std::vector<std::string_view>& words, const std::string& event) {
    const std::string_view what = words[0];
    const std::string id(words[1]);
    if (what == "life") {
      failed_.clear();
      tried_since_.clear();
    } else if (what == "try") {
      log_.tried.insert(id);
      if (!failed_.empty()) tried_since_.insert(id);
    } else if (what == "ack") {
      Acked(id, Number(words.at(2)));
    } else if (what == "fail") {
      ++log_.failures;
      log_.failure_codes.emplace(words.at(2));
      failed_.push_back(id);
      tried_since_.clear();
    } else if (what == "undone") {
      log_.undone.insert(id);
    } else if (what == "quiet") {
      log_.quiet.insert(Number(words.at(2)));
    } else if (what == "applied") {
      log_.applied.push_back(Number(words.at(2)));
    } else if (what == "delivered") {
      log_.delivered = std::max(log_.delivered, Number(words.at(2)));
    } else if (what == "error") {
      log_.errors.push_back(event);
    }
  }

  void Acked(const std::string& id, std::uint64_t seq) {
    log_.acked[id] = seq;
    if (!tried_since_.contains(id)) return;
    log_.failed_for_good.insert(failed_.begin(), failed_.end());
    failed_.clear();
    tried_since_.clear();
  }

  SideLog log_;
  // Of the present life.
  std::vector<std::string> failed_;
  std::unordered_set<std::string> tried_since_;
};

}  // namespace

SideLog ReadSideLog(const std::string& path, std::uint64_t from) { return Reader().Read(path, from); }

}  // namespace federation::process
