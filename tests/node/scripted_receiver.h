#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "federation/update.h"

namespace federation::node {

// Takes every update, except for those that a test has a script for. Thread-safe.
class ScriptedReceiver : public UpdateReceiver {
 public:
  using Script = std::function<Outcome(const UpdateContext&)>;

  void On(const std::string& json, Script script) {
    const std::lock_guard guard(mutex_);
    scripts_[json] = std::move(script);
  }
  void Forget() {
    const std::lock_guard guard(mutex_);
    scripts_.clear();
  }

  Outcome Receive(std::string_view json, const UpdateContext& context) override {
    Script script;
    {
      const std::lock_guard guard(mutex_);
      const auto found = scripts_.find(std::string(json));
      if (found != scripts_.end()) script = found->second;
    }
    return script ? script(context) : Outcome::Done();
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Script> scripts_;
};

}  // namespace federation::node
