#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace federation::process {

// A file that a process writes what it was told to, line by line, so that a kill loses none that was written.
// A process that takes the place of a killed one goes on in the same file. Lines:
//
//   life LIFE               a process started
//   try ID                  is about to send a note without a row of `sent`
//   ack ID SEQ              was told that it is durable
//   fail ID CODE WORDS      was told that it is not stored
//   undone ID               has rolled the note's transaction back
//   later ID                its handler has asked to be called later
//   quiet ORIGIN SEQ        its handler has taken a note without writing anything
//   applied ORIGIN SEQ      was told that a note of a peer is applied
//   delivered PEER SEQ      was told that the peer has confirmed so much
//   waits PEER              the peer has told it to wait
//   stopped                 sends nothing of its own any more
//   error WORDS             something happened that must not
//
// Thread-safe.
class EventLog {
 public:
  // Throws std::runtime_error if the file cannot be opened.
  explicit EventLog(const std::string& path);
  ~EventLog();
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  void Write(std::string_view line);

 private:
  int file_;
};

// The lines of such a file from a byte on, without those that a kill has cut off.
std::vector<std::string> ReadEvents(const std::string& path, std::uint64_t from = 0);
// The words of a line; the last one of `count_max` takes the rest.
std::vector<std::string_view> Words(std::string_view line, std::size_t count_max);

}  // namespace federation::process
