#pragma once

#include <cctype>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>

namespace federation {

// Reads Prometheus' text format (version 0.0.4) strictly: every family is announced by one TYPE line before
// its samples, no series comes twice, and label values have no escapes but \\, \" and \n. Throws
// std::runtime_error that quotes the line.
class MetricsText {
 public:
  explicit MetricsText(const std::string& text) {
    if (!text.empty() && text.back() != '\n') throw std::runtime_error("the last line has no end");
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) ReadLine(line);
  }

  // A sample by its name and labels, such as `x_total{a="b"}`, with the label values as they are meant; -1 if
  // there is none.
  double At(const std::string& series) const {
    const auto sample = samples_.find(series);
    return sample == samples_.end() ? -1 : sample->second;
  }
  bool Has(const std::string& series) const { return samples_.contains(series); }
  const std::map<std::string, double>& samples() const { return samples_; }
  // The type of a family; empty if there is none.
  std::string TypeOf(const std::string& family) const {
    const auto type = types_.find(family);
    return type == types_.end() ? "" : type->second;
  }

 private:
  [[noreturn]] static void Fail(const std::string& line, const char* what) {
    throw std::runtime_error(std::string(what) + ": " + line);
  }

  void ReadLine(const std::string& line) {
    if (line.starts_with("# TYPE ")) {
      const std::size_t space = line.find(' ', 7);
      if (space == std::string::npos) Fail(line, "no type");
      if (!types_.emplace(line.substr(7, space - 7), line.substr(space + 1)).second) Fail(line, "again");
    } else if (!line.starts_with("# HELP ")) {
      ReadSample(line);
    }
  }

  void ReadSample(const std::string& line) {
    std::size_t at = 0;
    while (at < line.size() && (std::isalnum(static_cast<unsigned char>(line[at])) != 0 || line[at] == '_'))
      ++at;
    const std::string name = line.substr(0, at);
    if (!IsAnnounced(name)) Fail(line, "no TYPE line before it");
    std::string series = name;
    if (at < line.size() && line[at] == '{') series += ReadLabels(line, &at);
    if (at >= line.size() || line[at] != ' ') Fail(line, "no value");
    char* end = nullptr;
    const double value = std::strtod(line.c_str() + at + 1, &end);
    if (end == line.c_str() + at + 1 || *end != '\0') Fail(line, "no number");
    if (!samples_.emplace(series, value).second) Fail(line, "a series twice");
  }

  // From the brace at *at to behind the closing one; returned with escapes undone.
  static std::string ReadLabels(const std::string& line, std::size_t* at) {
    std::string labels;
    bool in_value = false;
    for (; *at < line.size(); ++*at) {
      char c = line[*at];
      if (in_value && c == '\\') {
        if (++*at >= line.size()) Fail(line, "half an escape");
        c = line[*at] == 'n' ? '\n' : line[*at];
        if (c != '\n' && c != '\\' && c != '"') Fail(line, "an unknown escape");
      } else if (c == '"') {
        in_value = !in_value;
      } else if (c == '}' && !in_value) {
        ++*at;
        return labels + "}";
      }
      labels.push_back(c);
    }
    Fail(line, "labels without an end");
  }

  // Histograms and summaries have samples of several names.
  bool IsAnnounced(const std::string& name) const {
    if (types_.contains(name)) return true;
    for (const char* ending : {"_bucket", "_count", "_sum"}) {
      if (name.ends_with(ending) &&
          types_.contains(name.substr(0, name.size() - std::string(ending).size()))) {
        return true;
      }
    }
    return false;
  }

  std::map<std::string, std::string> types_;
  std::map<std::string, double> samples_;
};

}  // namespace federation
