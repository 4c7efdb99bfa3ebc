#include "oracle/shuffle.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace oracle {
namespace {

class Shuffler {
 public:
  Shuffler(std::string_view json, bool unknown_keys, Random& random)
      : rest_(json), unknown_keys_(unknown_keys), random_(random) {}

  std::string Value() {
    switch (rest_.front()) {
      case '{':
        return Object();
      case '[':
        return Array();
      case '"':
        return String();
      default:
        return Take(std::min(rest_.find_first_of(",]}"), rest_.size()));
    }
  }

 private:
  std::string Object() {
    std::vector<std::string> members;
    for (Take(1); rest_.front() != '}'; SkipComma()) {
      std::string key = String();
      key += Take(1);
      members.push_back(key + Value());
    }
    Take(1);
    if (unknown_keys_ && random_.OneIn(4)) members.push_back(R"("no such key":[{"a":"]\""}])");
    for (std::size_t i = members.size(); i > 1; --i) std::swap(members[i - 1], members[random_.Below(i)]);
    return "{" + Join(members) + "}";
  }

  std::string Array() {
    std::vector<std::string> elements;
    for (Take(1); rest_.front() != ']'; SkipComma()) elements.push_back(Value());
    Take(1);
    return "[" + Join(elements) + "]";
  }

  std::string String() {
    std::size_t end = 1;
    while (rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
    return Take(end + 1);
  }

  static std::string Join(const std::vector<std::string>& parts) {
    std::string all;
    for (const std::string& part : parts) all += (all.empty() ? "" : ",") + part;
    return all;
  }

  void SkipComma() {
    if (rest_.front() == ',') Take(1);
  }

  std::string Take(std::size_t bytes) {
    const std::string taken(rest_.substr(0, bytes));
    rest_.remove_prefix(bytes);
    return taken;
  }

  std::string_view rest_;
  bool unknown_keys_;
  Random& random_;
};

}  // namespace

std::string ShuffleKeys(std::string_view json, bool unknown_keys, Random& random) {
  return Shuffler(json, unknown_keys, random).Value();
}

}  // namespace oracle
