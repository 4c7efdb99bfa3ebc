#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <google/protobuf/message.h>

#include "federation/json/reader.h"

namespace oracle {

// A document that our reader and protobuf's converter do not take alike.
struct Difference {
  std::string_view document;
  const google::protobuf::Descriptor* type = nullptr;
  // Whether unknown keys and unknown names of enums are passed over.
  bool ignore_unknown = false;
  absl::Status ours;
  std::string theirs;  // what the converter says; empty if it accepts
  // What came out, where it was accepted.
  const google::protobuf::Message* our_message = nullptr;
  const google::protobuf::Message* their_message = nullptr;
  // Whether both take another document of the type alike, or an explanation that does not ask this says why
  // not.
  std::function<bool(const std::string& document)> agree_on;

  bool we_accept() const { return ours.ok(); }
  bool they_accept() const { return theirs.empty(); }
};

// A class of differences that the specification, or a mistake of the converter, explains.
struct Explanation {
  std::string_view name;
  // Which of the two is right, and by which rule.
  std::string_view why;
  // Whether the difference is of this class.
  bool (*explains)(const Difference& difference);
  // A document of the class, and the type that it is read as.
  std::string_view example;
  std::string_view example_type;
};

std::span<const Explanation> Explanations();

// The index of the one that explains the difference; nothing if none does.
std::optional<std::size_t> Explain(const Difference& difference);

// How often each explanation was needed, by its index.
class Tally {
 public:
  Tally() : counts_(Explanations().size()) {}
  void Count(std::size_t explanation) { ++counts_[explanation]; }
  std::uint64_t count(std::size_t explanation) const { return counts_[explanation]; }
  std::uint64_t documents = 0;
  std::uint64_t both_accept = 0;
  std::uint64_t both_refuse = 0;

 private:
  std::vector<std::uint64_t> counts_;
};

}  // namespace oracle
