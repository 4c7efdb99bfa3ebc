#include "fednode/users.h"

#include <algorithm>
#include <utility>

#include <absl/strings/ascii.h>
#include <fmt/format.h>

#include "federation/json/codec.h"

#include "fednode/text_file.h"

namespace federation::fednode {
namespace {

bool Holds(const std::string& text, const std::string& lower_query) {
  return absl::AsciiStrToLower(text).find(lower_query) != std::string::npos;
}

}  // namespace

absl::StatusOr<v1::SearchUsersResponse> ReadUsers(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadTextFile(path);
  if (!text.ok()) return text.status();
  v1::SearchUsersResponse users;
  json::DecodeOptions options;
  options.unknown_keys = json::DecodeOptions::UnknownKeys::kRefuse;
  const absl::Status status = json::Decode(*text, &users, options);
  if (status.ok()) return users;
  return absl::InvalidArgumentError(fmt::format("{}: {}", path, std::string(status.message())));
}

void ListedUsers::Set(v1::SearchUsersResponse users) {
  auto shared = std::make_shared<v1::SearchUsersResponse>(std::move(users));
  const std::lock_guard lock(mutex_);
  users_ = std::move(shared);
}

absl::StatusOr<v1::SearchUsersResponse> ListedUsers::SearchUsers(const v1::SearchUsersRequest& request,
                                                                 const RpcContext& context) {
  // Every text holds the empty one: nobody is to get the whole list by it.
  if (request.query().empty()) return absl::InvalidArgumentError("query: want a text, got an empty one");
  std::shared_ptr<const v1::SearchUsersResponse> users;
  {
    const std::lock_guard lock(mutex_);
    users = users_;
  }
  const std::size_t users_max =
      request.users_max() == 0 ? kUsersDefault : std::min<std::size_t>(request.users_max(), kUsersMax);
  const std::string query = absl::AsciiStrToLower(request.query());
  v1::SearchUsersResponse found;
  for (const v1::User& user : users->users()) {
    if (static_cast<std::size_t>(found.users_size()) == users_max || context.cancelled()) break;
    if (Holds(user.user_id(), query) || Holds(user.display_name(), query)) *found.add_users() = user;
  }
  return found;
}

}  // namespace federation::fednode
