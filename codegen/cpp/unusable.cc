#include "codegen/cpp/unusable.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>
#include <string_view>

#include <absl/strings/str_cat.h>

#include "codegen/cpp/macros.h"
#include "codegen/cpp/names.h"

namespace federation::codegen::cpp {
namespace {

using enum Role;

// Keywords that protoc does not know, and `typeof` of gnu++20. The others get a `_`. Sorted.
constexpr auto kUnescaped = std::to_array<std::string_view>({
    "char16_t",
    "char32_t",
    "char8_t",
    "co_await",
    "co_return",
    "co_yield",
    "concept",
    "consteval",
    "constinit",
    "requires",
    "typeof",
});
static_assert(std::is_sorted(kUnescaped.begin(), kUnescaped.end()));

// What every message class declares. Sorted.
constexpr auto kMembers = std::to_array<std::string_view>({
    "ArenaDtor",
    "ByteSizeLong",
    "Clear",
    "CopyFrom",
    "FullMessageName",
    "GetCachedSize",
    "GetClassData",
    "GetDescriptor",
    "GetMetadata",
    "GetReflection",
    "Impl_",
    "InternalSwap",
    "IsInitialized",
    "MergeFrom",
    "MergeImpl",
    "New",
    "SetCachedSize",
    "SharedCtor",
    "SharedDtor",
    "Swap",
    "UnsafeArenaSwap",
    "_Internal",
    "_InternalParse",
    "_InternalSerialize",
    "_class_data_",
    "_impl_",
    "default_instance",
    "descriptor",
    "internal_default_instance",
    "kIndexInFileMessages",
});
static_assert(std::is_sorted(kMembers.begin(), kMembers.end()));

// Types that protoc's code names without a namespace, which a declaration nearer by hides. Sorted.
constexpr auto kTypes = std::to_array<std::string_view>({
    "int32_t",
    "int64_t",
    "size_t",
    "uint32_t",
    "uint64_t",
    "uint8_t",
});
static_assert(std::is_sorted(kTypes.begin(), kTypes.end()));

// Variables and functions of protoc's code that hide, or are hidden by, what is called like them.
struct Local {
  std::string_view name;
  std::initializer_list<Role> roles;
};
constexpr Local kLocals[] = {
    {"ClassData", {kMessage}},      {"_cached_size", {kField, kOneof}},
    {"_has_bits", {kField}},        {"_oneof_case", {kOneof}},
    {"arena", {kMessage}},          {"enum_t_value", {kEnum, kNestedEnum}},
    {"from", {kMessage}},           {"from_msg", {kMessage}},
    {"lhs_arena", {kMessage}},      {"message_arena", {kField}},
    {"name", {kEnum, kNestedEnum}}, {"other", {kMessage}},
    {"rhs_arena", {kMessage}},      {"std", {kMessage, kNestedMessage, kEnum, kNestedEnum}},
    {"submessage_arena", {kField}}, {"swap", {kMessage, kValue}},
    {"to_msg", {kMessage}},         {"value", {kEnum}},
};

bool IsIn(const auto& sorted, const std::string& name) {
  return std::binary_search(sorted.begin(), sorted.end(), name);
}

bool IsOneOf(Role role, std::initializer_list<Role> roles) {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

bool IsLocal(const std::string& name, Role role) {
  return std::any_of(std::begin(kLocals), std::end(kLocals),
                     [&](const Local& local) { return name == local.name && IsOneOf(role, local.roles); });
}

}  // namespace

std::string Flaw(const std::string& name, Role role) {
  const bool verbatim = role != kOneof;
  if (verbatim && IsMacro(name, IsOneOf(role, {kMessage, kField, kMethod}))) {
    return absl::StrCat("`", name, "` is a macro of the headers that C++ code includes");
  }
  if (role == kPackage && IsKeyword(name)) return absl::StrCat("`", name, "` is a keyword of C++");
  if (verbatim && role != kMethod && IsIn(kUnescaped, name)) {
    return absl::StrCat("`", name, "` is a keyword of C++, of which protoc's C++ generator does not know");
  }
  if (IsOneOf(role, {kMessage, kNestedMessage, kNestedEnum, kNestedValue, kField}) && IsIn(kMembers, name)) {
    return absl::StrCat("protoc's C++ generator gives every message class a member `", name, "`");
  }
  if ((verbatim && role != kMethod && IsIn(kTypes, name)) || IsLocal(name, role)) {
    return absl::StrCat("protoc's C++ generator uses the name `", name, "` itself");
  }
  return "";
}

}  // namespace federation::codegen::cpp
