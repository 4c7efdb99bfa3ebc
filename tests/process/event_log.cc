#include "process/event_log.h"

#include <fcntl.h>
#include <fstream>
#include <stdexcept>
#include <unistd.h>
#include <utility>

namespace federation::process {
namespace {

// Ends a complete line: a kill may cut one off, and the next process would go on in the middle of it.
constexpr std::string_view kEnd = " .";

}  // namespace

EventLog::EventLog(const std::string& path)
    : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
  if (file_ < 0) throw std::runtime_error("cannot open " + path);
}

EventLog::~EventLog() { ::close(file_); }

void EventLog::Write(std::string_view line) {
  // The line feed in front ends what a kill has left.
  std::string text = "\n";
  text += line;
  text += kEnd;
  text += '\n';
  if (::write(file_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) ::abort();
}

std::vector<std::string> ReadEvents(const std::string& path, std::uint64_t from) {
  std::vector<std::string> events;
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(from));
  for (std::string line; std::getline(file, line);) {
    // At the end of the file it may still be in the course of being written.
    if (file.eof() || !line.ends_with(kEnd)) continue;
    line.resize(line.size() - kEnd.size());
    events.push_back(std::move(line));
  }
  return events;
}

std::vector<std::string_view> Words(std::string_view line, std::size_t count_max) {
  std::vector<std::string_view> words;
  while (words.size() + 1 < count_max) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) break;
    words.push_back(line.substr(0, space));
    line.remove_prefix(space + 1);
  }
  words.push_back(line);
  return words;
}

}  // namespace federation::process
