#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "federation/rpc.h"

namespace federation::node {

// Serves methods by the scripts of a test, which get the whole request and return the whole answer.
// Thread-safe.
class ScriptedDispatcher : public RpcDispatcher {
 public:
  using Script =
      std::function<absl::StatusOr<std::string>(std::string_view request, const RpcContext& context)>;

  explicit ScriptedDispatcher(std::vector<std::string_view> methods) : methods_(std::move(methods)) {}

  void On(const std::string& method, Script script) {
    const std::lock_guard guard(mutex_);
    scripts_[method] = std::move(script);
  }
  // How often handlers have been called.
  int calls() const {
    const std::lock_guard guard(mutex_);
    return calls_;
  }

  std::vector<std::string_view> Methods() const override { return methods_; }
  absl::StatusOr<std::string> Serve(std::size_t method, std::string_view request,
                                    const RpcContext& context) override {
    Script script;
    {
      const std::lock_guard guard(mutex_);
      ++calls_;
      const auto found = scripts_.find(std::string(methods_.at(method)));
      if (found != scripts_.end()) script = found->second;
    }
    if (!script) return std::string(R"({"result":"ok"})");
    return script(request, context);
  }

 private:
  const std::vector<std::string_view> methods_;
  mutable std::mutex mutex_;
  std::map<std::string, Script> scripts_;
  int calls_ = 0;
};

}  // namespace federation::node
