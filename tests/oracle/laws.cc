#include "oracle/laws.h"

#include <memory>
#include <utility>

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>

#include "oracle/canonical_bytes.h"
#include "oracle/json_syntax.h"
#include "oracle/mutate.h"
#include "oracle/random_message.h"
#include "support/shuffle_keys.h"

namespace oracle {
namespace {

using federation::json::DecodeOptions;
using google::protobuf::Message;
using MessagePtr = std::unique_ptr<Message>;
using Wrong = std::optional<std::string>;

constexpr int kDepthMax = 3;
constexpr int kMutationsPerMessage = 3;
// How many causes of one difference are told apart.
constexpr int kCausesMax = 2;

const DecodeOptions kStrict = {.unknown_keys = DecodeOptions::UnknownKeys::kRefuse};

// The laws on one message and its type.
class Laws {
 public:
  Laws(const Codec& codec, const Message& message, Tally* tally)
      : codec_(codec), message_(message), bytes_(CanonicalBytes(message)), tally_(tally) {}

  Wrong CheckRoundTrip() {
    absl::StatusOr<std::string> json = codec_.encode(message_);
    if (!json.ok()) return Say("encode fails: {}", json.status().ToString());
    json_ = *std::move(json);
    const MessagePtr read(message_.New());
    const absl::Status status = codec_.decode(json_, kStrict, read.get());
    if (!status.ok()) return Say("decode of what was written fails: {}", status.ToString());
    if (CanonicalBytes(*read) != bytes_) return Say("decode(encode(m)) is not m but {}", read->DebugString());
    const absl::StatusOr<std::string> again = codec_.encode(*read);
    if (!again.ok() || !SameButForOrder(*again, json_)) {
      return Say("encode(decode(j)) is not j but {}", again.ok() ? *again : again.status().ToString());
    }
    return {};
  }

  // The keys of maps are no schema's: nothing can be put among them.
  Wrong CheckOtherOrders(bool has_maps, Random& random) {
    constexpr std::string_view kUnknownKey = R"("no such key":[{"a":"]\""}])";
    federation::support::KeyShuffler shuffler(random, has_maps ? std::string_view() : kUnknownKey);
    const std::string shuffled = shuffler.Shuffle(json_);
    const MessagePtr read(message_.New());
    const absl::Status status = codec_.decode(shuffled, has_maps ? kStrict : DecodeOptions(), read.get());
    if (!status.ok()) return SayOf(shuffled, "decode in another order fails: {}", status.ToString());
    if (CanonicalBytes(*read) != bytes_) {
      return SayOf(shuffled, "decode in another order gives {}", read->DebugString());
    }
    return {};
  }

  // That decode reads it as m is known.
  Wrong CheckTheyReadOurs() { return CompareReaders(codec_, json_, /*ignore_unknown=*/false, tally_); }

  Wrong CheckWeReadTheirs() {
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = bytes_.size() % 2 == 0;
    const auto written = google::protobuf::util::MessageToJsonString(message_, &their_json_, options);
    if (!written.ok()) return Say("the converter cannot write the message: {}", written.ToString());
    const MessagePtr read(message_.New());
    const absl::Status status = codec_.decode(their_json_, kStrict, read.get());
    if (!status.ok()) return SayOf(their_json_, "decode fails: {}", status.ToString());
    if (CanonicalBytes(*read) != bytes_) return SayOf(their_json_, "decode gives {}", read->DebugString());
    return {};
  }

  Wrong CheckMutated(Random& random) {
    const std::string document = Mutate(random.OneIn(2) ? json_ : their_json_, random);
    const bool ignore_unknown = random.OneIn(4);
    return CompareReaders(codec_, document, ignore_unknown, tally_);
  }

 private:
  template <typename T>
  Wrong SayOf(const std::string& json, fmt::format_string<const T&> what, const T& detail) const {
    return fmt::format("{}\n  type: {}\n  document: {}\n  message: {}", fmt::format(what, detail),
                       message_.GetTypeName(), json, message_.ShortDebugString());
  }
  template <typename T>
  Wrong Say(fmt::format_string<const T&> what, const T& detail) const {
    return SayOf(json_, what, detail);
  }

  const Codec& codec_;
  const Message& message_;
  std::string bytes_;
  Tally* tally_;
  std::string json_;
  std::string their_json_;
};

// What json_util makes of the document; empty if it reads it.
std::string ReadWithConverter(const std::string& document, bool ignore_unknown, Message* message) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = ignore_unknown;
  try {
    const auto status = google::protobuf::util::JsonStringToMessage(document, message, options);
    return status.ok() ? "" : status.ToString();
  } catch (const google::protobuf::FatalException& mistake) {
    // One of its own checks has failed, as it does on `{}{}`.
    return mistake.what();
  }
}

std::string Describe(const Difference& difference, std::string_view what) {
  return fmt::format(
      "{}\n  type: {}\n  ignore unknown: {}\n  document: {}\n  ours: {}\n  theirs: {}", what,
      difference.type->full_name(), difference.ignore_unknown, difference.document,
      difference.we_accept() ? difference.our_message->ShortDebugString()
                             : std::string(difference.ours.message()),
      difference.they_accept() ? difference.their_message->ShortDebugString() : difference.theirs);
}

// One document and what both readers make of it.
class Comparison {
 public:
  Comparison(const Codec& codec, const std::string& document, bool ignore_unknown, int depth = 0)
      : ours_(codec.prototype->New()), theirs_(codec.prototype->New()) {
    DecodeOptions options = kStrict;
    if (ignore_unknown) {
      options.unknown_keys = DecodeOptions::UnknownKeys::kIgnore;
      options.unknown_enum_names = DecodeOptions::UnknownEnumNames::kIgnore;
    }
    difference_ = {.document = document,
                   .type = codec.prototype->GetDescriptor(),
                   .ignore_unknown = ignore_unknown,
                   .ours = codec.decode(document, options, ours_.get()),
                   .theirs = ReadWithConverter(document, ignore_unknown, theirs_.get()),
                   .our_message = ours_.get(),
                   .their_message = theirs_.get(),
                   .agree_on = [&codec, ignore_unknown, depth](const std::string& other) {
                     return depth < kCausesMax &&
                            Comparison(codec, other, ignore_unknown, depth + 1).IsExplained();
                   }};
  }

  // Whether both read the same message.
  bool BothReadTheSame() const { return BothAccept() && CanonicalBytes(*ours_) == CanonicalBytes(*theirs_); }
  bool IsExplained() const {
    return BothReadTheSame() || (!BothRefuse() && Explain(difference_).has_value());
  }
  bool BothAccept() const { return difference_.we_accept() && difference_.they_accept(); }
  bool BothRefuse() const { return !difference_.we_accept() && !difference_.they_accept(); }
  const Difference& difference() const { return difference_; }

 private:
  MessagePtr ours_;
  MessagePtr theirs_;
  Difference difference_;
};

}  // namespace

std::optional<std::string> CompareReaders(const Codec& codec, const std::string& document,
                                          bool ignore_unknown, Tally* tally) {
  const Comparison comparison(codec, document, ignore_unknown);
  ++tally->documents;
  if (comparison.BothRefuse()) {
    ++tally->both_refuse;
    return {};
  }
  if (comparison.BothReadTheSame()) {
    ++tally->both_accept;
    return {};
  }
  if (const std::optional<std::size_t> explanation = Explain(comparison.difference())) {
    tally->Count(*explanation);
    return {};
  }
  return Describe(comparison.difference(), comparison.BothAccept()
                                               ? "both accept it, and read different messages"
                                               : "only one accepts it");
}

std::optional<std::string> CheckMessage(const Codec& codec, bool canonical, std::uint64_t seed,
                                        Tally* tally) {
  Random random(seed);
  const MessagePtr message(codec.prototype->New());
  FillRandomly(random, kDepthMax, message.get());
  Laws laws(codec, *message, tally);
  if (Wrong wrong = laws.CheckRoundTrip()) return wrong;
  if (Wrong wrong = laws.CheckOtherOrders(/*has_maps=*/canonical, random)) return wrong;
  if (!canonical) return {};
  if (Wrong wrong = laws.CheckTheyReadOurs()) return wrong;
  if (Wrong wrong = laws.CheckWeReadTheirs()) return wrong;
  for (int i = 0; i < kMutationsPerMessage; ++i) {
    if (Wrong wrong = laws.CheckMutated(random)) return wrong;
  }
  return {};
}

std::optional<std::string> CheckSeed(std::uint64_t seed, Tally* tally) {
  Random random(~seed);
  if (random.OneIn(8)) {
    const std::span<const Codec> codecs = AnnotatedCodecs();
    return CheckMessage(codecs[random.Below(codecs.size())], /*canonical=*/false, seed, tally);
  }
  const std::span<const Codec> codecs = CanonicalCodecs();
  return CheckMessage(codecs[random.Below(codecs.size())], /*canonical=*/true, seed, tally);
}

}  // namespace oracle
