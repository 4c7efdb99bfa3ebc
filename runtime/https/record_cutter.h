#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace federation::https {

// Cuts parts that follow each other into pieces for TLS records. Long parts are not copied; short ones, and
// the ends of long ones, are gathered, so that a head costs no record of its own. Borrows the parts.
class RecordCutter {
 public:
  // The greatest record's content (RFC 8446, section 5.1).
  static constexpr std::size_t kRecordBytesMax = std::size_t{16} * 1024;

  explicit RecordCutter(std::span<const std::string_view> parts) : parts_(parts) { NextPart(); }

  // What is to be written next; empty at the end. The same bytes until they are taken, as OpenSSL demands
  // them again after it had to wait.
  std::string_view Next();
  // The first `count` bytes of Next() are written.
  void Take(std::size_t count) { piece_.remove_prefix(count); }

 private:
  // Makes the rest of the current part the next one that is not empty.
  void NextPart();
  void Gather();

  std::span<const std::string_view> parts_;
  std::string_view rest_;
  std::string_view piece_;
  std::string gathered_;
};

}  // namespace federation::https
