#include "https/name_resolver.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "https/event_loop_impl.h"

namespace federation::https {
namespace {

class SystemResolver final : public NameResolver {
 public:
  explicit SystemResolver(EventLoop& loop) : resolver_(loop.impl().context) {}

  void Resolve(const std::string& name, Done done) override {
    resolver_.async_resolve(name, "",
                            [done = std::move(done)](boost::system::error_code error, const Found& found) {
                              if (error == asio::error::operation_aborted) return;
                              if (error) return done(absl::UnavailableError(error.message()));
                              std::vector<std::string> addresses;
                              for (const auto& entry : found)
                                addresses.push_back(entry.endpoint().address().to_string());
                              done(std::move(addresses));
                            });
  }

 private:
  using Found = asio::ip::tcp::resolver::results_type;

  asio::ip::basic_resolver<asio::ip::tcp, Executor> resolver_;
};

bool IsIpv6(const std::string& address) { return address.find(':') != std::string::npos; }

}  // namespace

std::shared_ptr<NameResolver> MakeSystemResolver(EventLoop& loop) {
  return std::make_shared<SystemResolver>(loop);
}

std::vector<std::string> InterleaveFamilies(const std::vector<std::string>& addresses) {
  if (addresses.empty()) return {};
  std::vector<std::string> first;
  std::vector<std::string> second;
  for (const std::string& address : addresses) {
    (IsIpv6(address) == IsIpv6(addresses.front()) ? first : second).push_back(address);
  }
  std::vector<std::string> in_turn;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) in_turn.push_back(first[i]);
    if (i < second.size()) in_turn.push_back(second[i]);
  }
  return in_turn;
}

}  // namespace federation::https
