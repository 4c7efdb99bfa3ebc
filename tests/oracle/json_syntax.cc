#include "oracle/json_syntax.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>

namespace oracle {
namespace {

using boost::json::error_code;

boost::json::parse_options Options() {
  boost::json::parse_options options;
  options.max_depth = 1'000;
  return options;
}

// Follows the structure of a document.
class Structure {
 public:
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  bool duplicate_keys() const { return duplicate_keys_; }
  int depth() const { return depth_max_; }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return Enter(); }
  bool on_object_end(std::size_t, error_code&) { return Leave(); }
  bool on_array_begin(error_code&) { return Enter(); }
  bool on_array_end(std::size_t, error_code&) { return Leave(); }
  bool on_key_part(boost::json::string_view part, std::size_t, error_code&) { return AddToKey(part); }
  bool on_key(boost::json::string_view part, std::size_t, error_code&) {
    AddToKey(part);
    if (!keys_.back().insert(std::exchange(key_, {})).second) duplicate_keys_ = true;
    return true;
  }
  bool on_string_part(boost::json::string_view, std::size_t, error_code&) { return true; }
  bool on_string(boost::json::string_view, std::size_t, error_code&) { return true; }
  bool on_number_part(boost::json::string_view, error_code&) { return true; }
  bool on_int64(std::int64_t, boost::json::string_view, error_code&) { return true; }
  bool on_uint64(std::uint64_t, boost::json::string_view, error_code&) { return true; }
  bool on_double(double, boost::json::string_view, error_code&) { return true; }
  bool on_bool(bool, error_code&) { return true; }
  bool on_null(error_code&) { return true; }
  bool on_comment_part(boost::json::string_view, error_code&) { return true; }
  bool on_comment(boost::json::string_view, error_code&) { return true; }

 private:
  bool Enter() {
    keys_.emplace_back();
    depth_max_ = std::max(depth_max_, static_cast<int>(keys_.size()));
    return true;
  }
  bool Leave() {
    keys_.pop_back();
    return true;
  }
  bool AddToKey(boost::json::string_view part) {
    key_.append(part.data(), part.size());
    return true;
  }

  std::vector<std::set<std::string>> keys_;  // of the objects that are open; empty for arrays
  std::string key_;
  bool duplicate_keys_ = false;
  int depth_max_ = 0;
};

Structure StructureOf(std::string_view text) {
  boost::json::basic_parser<Structure> parser(Options());
  error_code error;
  parser.write_some(/*more=*/false, text.data(), text.size(), error);
  return parser.handler();
}

boost::json::value Parse(std::string_view text, error_code& error) {
  return boost::json::parse(boost::json::string_view(text.data(), text.size()), error, {}, Options());
}

}  // namespace

bool IsJson(std::string_view text) {
  error_code error;
  Parse(text, error);
  return !error;
}

bool HasDuplicateKeys(std::string_view text) { return StructureOf(text).duplicate_keys(); }

int DepthOf(std::string_view text) { return StructureOf(text).depth(); }

bool SameButForOrder(std::string_view first, std::string_view second) {
  if (first == second) return true;
  error_code error;
  return first.size() == second.size() && Parse(first, error) == Parse(second, error) && !error;
}

}  // namespace oracle
