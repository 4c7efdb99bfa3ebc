// Random operations against a store that is nothing but a few maps.
#include <deque>
#include <map>
#include <random>

#include <gmock/gmock.h>

#include "store/store_contract.h"

namespace federation {
namespace {

struct ModelLink {
  struct Update {
    std::string json;
    std::chrono::system_clock::time_point stored_at;
  };
  std::map<std::uint64_t, Update> updates;
  std::uint64_t assigned = 0;
  std::uint64_t acked = 0;

  std::uint64_t WaitingBytes() const {
    std::uint64_t bytes = 0;
    for (auto update = updates.upper_bound(acked); update != updates.end(); ++update) {
      bytes += update->second.json.size();
    }
    return bytes;
  }

  void Append(const std::string& json, std::chrono::system_clock::time_point now) {
    updates[++assigned] = {json, now};
  }

  void Renumber(std::uint64_t boundary, std::uint64_t theirs) {
    std::map<std::uint64_t, Update> moved;
    for (auto& [seq, update] : updates) {
      moved[seq > boundary ? seq + theirs - boundary : seq] = std::move(update);
    }
    updates = std::move(moved);
    assigned = std::max(assigned, boundary) + theirs - boundary;
    acked = theirs;
  }

  Pruned Prune(const Retention& retention, std::size_t count_max, std::chrono::system_clock::time_point now) {
    Pruned pruned;
    for (const bool waits : {false, true}) {
      while (true) {
        const auto oldest = waits ? updates.upper_bound(acked) : updates.begin();
        if (oldest == updates.end() || (oldest->first > acked) != waits) break;
        const auto age_max = waits ? retention.waiting_age_max : retention.acked_age_max;
        const bool is_old = oldest->second.stored_at < now - age_max;
        if (!is_old && !(waits && WaitingBytes() > retention.waiting_bytes_max)) break;
        if (pruned.removed == count_max) {
          pruned.more = true;
          return pruned;
        }
        ++pruned.removed;
        if (waits) {
          if (Value(pruned.given_up_first) == 0) pruned.given_up_first = Seq{oldest->first};
          pruned.given_up_last = Seq{oldest->first};
        }
        updates.erase(oldest);
      }
    }
    return pruned;
  }
};

class Model {
 public:
  explicit Model(unsigned seed) : random_(seed) {}

  std::size_t Random(std::size_t end) { return random_() % end; }
  std::string Destination() { return std::string(1, static_cast<char>('a' + Random(3))) + ".test"; }
  std::string Json() {
    static constexpr std::size_t kSizes[] = {0, 1, 5, 120, 130, 300, 20'000};
    return std::string(kSizes[Random(std::size(kSizes))], static_cast<char>('a' + Random(26)));
  }

  std::mt19937 random_;
  std::map<std::string, ModelLink> links;
};

// The transaction's word and the model's.
void OneOperation(Model& model, Transaction& transaction, std::chrono::system_clock::time_point now) {
  const std::string destination = model.Destination();
  ModelLink& link = model.links[destination];
  const std::uint64_t end = link.assigned + 3;
  switch (model.Random(10)) {
    case 0: {
      std::vector<std::string> all;
      for (const char* name : {"a.test", "b.test", "c.test"}) {
        if (model.Random(2) == 0) all.emplace_back(name);
      }
      const std::string json = model.Json();
      const auto numbers = transaction.AppendToAll(all, json);
      ASSERT_TRUE(numbers.ok()) << numbers.status();
      for (std::size_t i = 0; i < all.size(); ++i) {
        model.links[all[i]].Append(json, now);
        ASSERT_EQ(Value((*numbers)[i]), model.links[all[i]].assigned);
      }
      break;
    }
    case 1: {
      const std::uint64_t first = 1 + model.Random(end);
      const std::uint64_t last = first + model.Random(10);
      ASSERT_TRUE(transaction.Remove(destination, Seq{first}, Seq{last}).ok());
      link.updates.erase(link.updates.lower_bound(first), link.updates.upper_bound(last));
      break;
    }
    case 2: {
      if (model.Random(3) != 0) break;
      const std::uint64_t boundary = model.Random(end);
      const std::uint64_t theirs = boundary + 1 + model.Random(7);
      const auto numbers = transaction.Renumber(destination, Seq{boundary}, Seq{theirs});
      ASSERT_TRUE(numbers.ok()) << numbers.status();
      link.Renumber(boundary, theirs);
      ASSERT_EQ(*numbers, (LinkNumbers{Seq{link.assigned}, Seq{link.acked}}));
      break;
    }
    case 3: {
      const Retention retention{std::chrono::seconds(model.Random(200)),
                                std::chrono::seconds(100 + model.Random(400)), 1 + model.Random(60'000)};
      const std::size_t count_max = 1 + model.Random(40);
      const auto pruned = transaction.Prune(destination, retention, count_max);
      ASSERT_TRUE(pruned.ok()) << pruned.status();
      const Pruned want = link.Prune(retention, count_max, now);
      ASSERT_EQ(pruned->removed, want.removed);
      ASSERT_EQ(pruned->given_up_first, want.given_up_first);
      ASSERT_EQ(pruned->given_up_last, want.given_up_last);
      ASSERT_EQ(pruned->more, want.more);
      break;
    }
    default: {
      for (std::size_t i = model.Random(25); i > 0; --i) {
        const std::string json = model.Json();
        const auto seq = transaction.Append(destination, json);
        ASSERT_TRUE(seq.ok()) << seq.status();
        link.Append(json, now);
        ASSERT_EQ(Value(*seq), link.assigned);
      }
    }
  }
}

void ExpectSame(Store& store, Model& model) {
  for (const auto& [destination, link] : model.links) {
    const auto stored = store.Link(destination);
    ASSERT_TRUE(stored.ok());
    ASSERT_EQ(stored->numbers, (LinkNumbers{Seq{link.assigned}, Seq{link.acked}})) << destination;
    // What was stored together with the first one that waits may be counted.
    ASSERT_GE(stored->waiting_bytes, link.WaitingBytes()) << destination;
    ASSERT_LE(stored->waiting_bytes, link.WaitingBytes() + 100'000) << destination;
    const auto oldest = link.updates.upper_bound(link.acked);
    ASSERT_EQ(stored->waiting_since.has_value(), oldest != link.updates.end());
    if (stored->waiting_since.has_value()) {
      ASSERT_EQ(*stored->waiting_since, oldest->second.stored_at);
    }
    // From a place at random, then on over all gaps.
    auto want = link.updates.lower_bound(model.Random(link.assigned + 2));
    std::uint64_t first = want == link.updates.end() ? link.assigned + 1 : want->first;
    while (true) {
      const std::size_t count_max = 1 + model.Random(30);
      const std::size_t bytes_max = 1 + model.Random(30'000);
      const auto run = store.Read(destination, Seq{first}, count_max, bytes_max);
      ASSERT_TRUE(run.ok());
      ASSERT_EQ(run->empty(), want == link.updates.end());
      if (run->empty()) break;
      ASSERT_LE(run->size(), count_max);
      if (run->size() > 1) {
        ASSERT_LE(run->json().size(), bytes_max);
      }
      ASSERT_EQ(run->first(), Seq{want->first});
      for (std::size_t i = 0; i < run->size(); ++i, ++want) {
        ASSERT_NE(want, link.updates.end());
        ASSERT_EQ(want->first, Value(run->first()) + i);
        ASSERT_EQ((*run)[i], want->second.json);
      }
      // It may end only where it must.
      const bool could_go_on = want != link.updates.end() && want->first == Value(run->last()) + 1 &&
                               run->size() < count_max &&
                               run->json().size() + 1 + want->second.json.size() <= bytes_max;
      ASSERT_FALSE(could_go_on);
      first = Value(run->last()) + 1;
    }
  }
}

TEST_P(StoreContract, DoesWhatATrivialModelDoes) {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    Model model(seed);
    StoreMaker& maker = *maker_;
    store_.reset();
    const auto another = GetParam().make();
    auto opened = (seed == 1 ? maker : *another).Open({}, [this] { return now_; });
    ASSERT_TRUE(opened.ok());
    store_ = *std::move(opened);
    for (int round = 0; round < 120; ++round) {
      const Model before = model;
      const bool fails = model.Random(6) == 0;
      const auto work = [&](Transaction& transaction) -> absl::Status {
        for (std::size_t i = 1 + model.Random(4); i > 0; --i) OneOperation(model, transaction, now_);
        return fails ? absl::AbortedError("") : absl::OkStatus();
      };
      absl::Status status;
      switch (model.Random(3)) {
        case 0:
          status = store_->Transact(work);
          break;
        case 1:
          status = SubmitAndWait(work);
          break;
        default: {
          auto lazy = store_->Begin();
          status = work(*lazy);
          ASSERT_TRUE((fails ? lazy->Undo() : lazy->Checkpoint()).ok());
          ASSERT_TRUE(lazy->Commit().ok());
        }
      }
      ASSERT_EQ(status.ok(), !fails) << status;
      if (HasFatalFailure()) return;
      if (fails) model.links = before.links;
      if (model.Random(3) == 0) {
        const std::string destination = model.Destination();
        ModelLink& link = model.links[destination];
        link.acked = std::min(link.assigned, link.acked + model.Random(20));
        store_->NoteAcked(destination, Seq{link.acked});
        SaveNotes();
      }
      now_ += std::chrono::seconds(model.Random(60));
      ExpectSame(*store_, model);
      if (HasFatalFailure()) return;
      if (model.Random(25) == 0) {
        store_.reset();
        store_ = *(seed == 1 ? maker : *another).Open({}, [this] { return now_; });
      }
    }
    store_.reset();
  }
}

}  // namespace
}  // namespace federation
