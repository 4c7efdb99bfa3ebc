#pragma once

#include <memory>
#include <mutex>
#include <string>

#include <absl/status/statusor.h>

#include "federation/v1/requests.federation.h"

namespace federation::fednode {

// The users that an operator has written down: JSON as in the answer to search_users, `{"users":[...]}`.
// Errors: invalid argument that names the file and the place, unavailable (it cannot be read).
absl::StatusOr<v1::SearchUsersResponse> ReadUsers(const std::string& path);

// Answers search_users from a list, in its order. Thread-safe.
class ListedUsers final : public v1::UsersService {
 public:
  // How many users an answer holds at most, and where the caller does not say.
  static constexpr std::size_t kUsersMax = 100;
  static constexpr std::size_t kUsersDefault = 20;

  // Takes the place of the list before; at first it is empty.
  void Set(v1::SearchUsersResponse users);

  absl::StatusOr<v1::SearchUsersResponse> SearchUsers(const v1::SearchUsersRequest& request,
                                                      const RpcContext& context) override;

 private:
  std::mutex mutex_;  // guards the pointer
  std::shared_ptr<const v1::SearchUsersResponse> users_ = std::make_shared<v1::SearchUsersResponse>();
};

}  // namespace federation::fednode
