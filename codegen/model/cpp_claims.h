#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <google/protobuf/descriptor.h>

#include "codegen/model/place.h"

namespace federation::codegen {

// Something that uses a name in the C++ namespace of a package.
struct CppClaim {
  std::string name;
  // Who uses it, for people: "the handler of `Update`".
  const char* what = "";
  std::string whose;
  // What of the schema it is made from. Without a file: nothing.
  Place place;
  // Whether it is the name of what the schema declares, and not of something made of it.
  bool declared = false;

  // With its position.
  std::string Owner() const;
};

// The names that the C++ of one file uses.
struct CppClaims {
  // In headers: seen by the files that import it.
  std::vector<CppClaim> shown;
  // Functions and namespaces that generated code relies on, and what it keeps to its own source file.
  std::vector<CppClaim> hidden;
};

CppClaims ClaimsOf(const google::protobuf::FileDescriptor& file);

// What files show, by name; so that the files of a run, which import each other, are not gone through again
// for each of them. Keeps pointers to the descriptors.
class CppClaimIndex {
 public:
  // The claims of a file. Stay where they are.
  const CppClaims& Of(const google::protobuf::FileDescriptor& file);

  // What the files so far show under `name` in the namespace of `package`; null if nothing.
  const std::vector<const CppClaim*>* Find(const std::string& package, const std::string& name) const;

 private:
  using ByName = std::unordered_map<std::string_view, std::vector<const CppClaim*>>;

  std::map<const google::protobuf::FileDescriptor*, CppClaims> files_;
  std::map<std::string, ByName> packages_;
};

}  // namespace federation::codegen
