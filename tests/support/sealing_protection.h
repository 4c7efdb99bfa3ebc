#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <absl/status/statusor.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "federation/protection.h"

namespace federation::support {

// A protection that changes every byte, and ties each body to who says it to whom, and each answer to its
// request, with a key that both sides know. For tests: the same body looks the same each time.
class SealingProtection final : public Protection {
 public:
  explicit SealingProtection(std::string key) : key_(std::move(key)) {}

  absl::StatusOr<std::string> ProtectRequest(Exchange& exchange, std::string body) override {
    return Remember(exchange, Seal(exchange, "request", std::move(body)));
  }
  absl::StatusOr<std::string> CheckAnswer(Exchange& exchange, std::string body) override {
    return Open(exchange, "answer to " + RequestOf(exchange), body);
  }
  absl::StatusOr<std::string> CheckRequest(Exchange& exchange, std::string body) override {
    absl::StatusOr<std::string> opened = Open(exchange, "request", body);
    Remember(exchange, std::move(body));
    return opened;
  }
  absl::StatusOr<std::string> ProtectAnswer(Exchange& exchange, std::string body) override {
    return Seal(exchange, "answer to " + RequestOf(exchange), std::move(body));
  }

  // How many messages did not check.
  int refused() const { return refused_; }

 private:
  static constexpr std::size_t kTagBytes = 32;

  static std::string Remember(Exchange& exchange, std::string sealed) {
    exchange.state = std::make_shared<std::string>(sealed.substr(0, kTagBytes));
    return sealed;
  }
  static std::string RequestOf(const Exchange& exchange) {
    return *std::static_pointer_cast<std::string>(exchange.state);
  }

  std::string TagOf(const Exchange& exchange, std::string_view what, std::string_view body) const {
    std::string text;
    for (const std::string_view part :
         {what, std::string_view(exchange.origin), std::string_view(exchange.destination),
          std::string_view(exchange.target), body}) {
      text += std::to_string(part.size()) + ":";
      text += part;
    }
    unsigned char tag[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), tag, &size);
    return {reinterpret_cast<const char*>(tag), kTagBytes};
  }

  std::string Seal(const Exchange& exchange, std::string_view what, std::string body) const {
    std::string tag = TagOf(exchange, what, body);
    for (char& byte : body) byte = static_cast<char>(byte ^ 0x55);
    return tag + body;
  }

  absl::StatusOr<std::string> Open(const Exchange& exchange, std::string_view what, std::string_view sealed) {
    std::string body(sealed.substr(std::min(kTagBytes, sealed.size())));
    for (char& byte : body) byte = static_cast<char>(byte ^ 0x55);
    if (sealed.substr(0, kTagBytes) == TagOf(exchange, what, body)) return body;
    ++refused_;
    return absl::PermissionDeniedError("the seal is broken");
  }

  const std::string key_;
  std::atomic<int> refused_{0};
};

}  // namespace federation::support
