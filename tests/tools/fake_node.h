#pragma once

#include <string>
#include <vector>

#include "federation/node.h"

namespace federation::fednode {

// A node that only remembers what it is handed, and says what it is told to say.
class FakeNode final : public Node {
 public:
  void Receive(UpdateReceiver&) override {}
  absl::Status Serve(RpcDispatcher&) override { return absl::OkStatus(); }
  void OnApplied(std::function<void(const Applied&)>) override {}
  void OnReceived(std::function<void(const Received&)>) override {}
  void OnDelivered(std::function<void(const Delivered&)>) override {}
  void OnPushed(std::function<void(const Pushed&)>) override {}
  void OnGivenUp(std::function<absl::Status(const GivenUp&, Transaction&)>) override {}
  absl::Status Start() override { return absl::OkStatus(); }
  void Stop() override {}
  absl::Status ReloadTls() override { return absl::OkStatus(); }
  std::uint16_t port() const override { return 0; }
  const std::string& domain() const override { return domain_; }

  absl::Status SetAccess(const AccessLists&) override { return absl::OkStatus(); }
  Refusals CountRefusals() const override { return {}; }

  absl::StatusOr<std::vector<LinkStatus>> Links() override {
    ++times_asked;
    return links;
  }
  absl::Status PauseLink(std::string_view destination) override { return Operate("pause", destination); }
  absl::Status ResumeLink(std::string_view destination) override { return Operate("resume", destination); }
  absl::Status WakeLink(std::string_view destination) override { return Operate("wake", destination); }
  absl::StatusOr<std::uint64_t> ResetLink(std::string_view destination) override {
    absl::Status status = Operate("reset", destination);
    if (!status.ok()) return status;
    return given_up;
  }
  absl::StatusOr<Resolution> Resolve(std::string_view domain, Lookup lookup) override {
    absl::Status status = Operate(lookup == Lookup::kFresh ? "resolve afresh" : "resolve", domain);
    if (!status.ok()) return status;
    return resolution;
  }
  absl::StatusOr<std::vector<Replayed>> ReplayQuarantined(std::string_view origin,
                                                          std::vector<std::int64_t> ids) override {
    std::string what = "replay";
    for (std::int64_t id : ids) what += " " + std::to_string(id);
    absl::Status status = Operate(what, origin);
    if (!status.ok()) return status;
    return replayed;
  }

  absl::StatusOr<Seq> SendStrong(std::string_view, std::string_view) override {
    return absl::InternalError("");
  }
  absl::StatusOr<Seq> SendStrong(Transaction&, std::string_view, std::string_view) override {
    return absl::InternalError("");
  }
  void SendStrongAsync(std::string_view, std::string_view, SendDone done) override {
    done(absl::InternalError(""));
  }
  absl::StatusOr<std::vector<Seq>> SendStrongToAll(std::span<const std::string>, std::string_view) override {
    return absl::InternalError("");
  }
  absl::StatusOr<std::vector<Seq>> SendStrongToAll(Transaction&, std::span<const std::string>,
                                                   std::string_view) override {
    return absl::InternalError("");
  }
  absl::Status SendWeak(std::string_view, std::string_view json, std::string_view) override {
    handed.push_back({std::string(json)});
    return absl::OkStatus();
  }
  absl::StatusOr<std::string> Call(RpcCall) override { return absl::InternalError(""); }
  void StartCall(RpcCall, Done done) override { done(absl::InternalError("")); }
  absl::StatusOr<Seq> SendAll(std::string_view destination, const std::vector<std::string>& json) {
    if (last + json.size() > full_at) return absl::ResourceExhaustedError("too many updates wait");
    destinations.push_back(std::string(destination));
    handed.push_back(json);
    last += json.size();
    return Seq{last};
  }

  Resolution resolution;
  std::vector<std::vector<std::string>> handed;
  std::vector<std::string> destinations;
  std::uint64_t last = 0;
  std::uint64_t full_at = 1000;

  absl::StatusOr<std::vector<LinkStatus>> links = std::vector<LinkStatus>{};
  int times_asked = 0;
  // What operators did, such as `pause bravo.test`.
  std::vector<std::string> operations;
  absl::Status operation_status;
  std::uint64_t given_up = 0;
  std::vector<Replayed> replayed;

 private:
  absl::Status Operate(const std::string& what, std::string_view domain) {
    operations.push_back(what + " " + std::string(domain));
    return operation_status;
  }

  std::string domain_ = "alpha.test";
};

}  // namespace federation::fednode
