// What a node spends on links that have nothing to do: there may be very many.
#include <atomic>
#include <cstdlib>
#include <malloc.h>
#include <new>

#include <gtest/gtest.h>

#include "federation/sqlite_store.h"

#include "delivery/ack_codec.h"
#include "delivery/fake_world.h"
#include "delivery/outbound_links.h"
#include "support/temporary_folder.h"

namespace {

std::atomic<std::int64_t> allocated_bytes{0};

void* Allocate(std::size_t bytes) {
  void* memory = std::malloc(bytes);
  if (memory == nullptr) std::abort();
  allocated_bytes += static_cast<std::int64_t>(malloc_usable_size(memory));
  return memory;
}

void Free(void* memory) {
  allocated_bytes -= static_cast<std::int64_t>(malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

// All of the binary's.
void* operator new(std::size_t bytes) { return Allocate(bytes); }
void* operator new[](std::size_t bytes) { return Allocate(bytes); }
void operator delete(void* memory) noexcept { Free(memory); }
void operator delete[](void* memory) noexcept { Free(memory); }
void operator delete(void* memory, std::size_t) noexcept { Free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { Free(memory); }

namespace federation::delivery {
namespace {

// Acknowledges all that is sent, and keeps nothing of it.
class Acknowledging : public Transport {
 public:
  explicit Acknowledging(Loop& loop) : loop_(loop) {}
  void Push(PushCall call, Done done) override {
    const bool probe = call.body.find("\"strong\":[]") != std::string::npos;
    const Seq seq{probe ? 0U : 1U};
    loop_.Post([seq, done = std::move(done)] {
      done(PushAnswer{.status = 200, .body = FormatAnswer(link::Answer::Ok(seq)), .retry_after = {}});
    });
  }

 private:
  Loop& loop_;
};

TEST(IdleMemory, IsAtMostOneKibibyteForEachLinkThatWasUsed) {
  constexpr std::size_t kLinks = 10'000;
  const TemporaryFolder folder;
  FakeWorld world;
  Acknowledging transport(world.loop);
  const auto store = OpenSqliteStore(folder.File("store.db"));
  ASSERT_TRUE(store.ok()) << store.status();
  const OutboxLimits limits;
  const std::string owner = "me";
  const OutboundObservers observers;
  ByteBudget ready{limits.ready_bytes_total_max, 0};
  ByteBudget in_flight{limits.bytes_in_flight_total_max, 0};
  OutboundLinks links(LinkServices{world.loop, transport, **store, world.workers, limits, owner,
                                   [] { return 1.0; }, observers, ready, in_flight});
  std::vector<std::string> destinations;
  destinations.reserve(kLinks);
  for (std::size_t i = 0; i < kLinks; ++i) {
    destinations.push_back("a-server-with-a-name-" + std::to_string(i) + ".example.org");
  }
  const absl::Status stored = (*store)->Transact(
      [&](Transaction& transaction) { return transaction.AppendToAll(destinations, "{}").status(); });
  ASSERT_TRUE(stored.ok()) << stored;
  links.Start();
  world.Run();
  std::size_t delivered = 0;
  links.Status([&](const absl::StatusOr<std::vector<LinkStatus>>& all) {
    for (const LinkStatus& link : *all) delivered += link.pending() == 0 ? 1 : 0;
  });
  world.Run();
  ASSERT_EQ(delivered, kLinks);

  const std::int64_t before = allocated_bytes;
  links.Stop();
  const std::int64_t bytes_per_link = (before - allocated_bytes) / static_cast<std::int64_t>(kLinks);
  RecordProperty("bytes_per_link", static_cast<int>(bytes_per_link));
  EXPECT_GT(bytes_per_link, 100);  // they were there
  EXPECT_LE(bytes_per_link, 1024);
}

// Anybody with a certificate may push.
TEST(IdleMemory, IsBoundedForPeersThatOnlySpeakToUs) {
  const TemporaryFolder folder;
  FakeWorld world;
  Acknowledging transport(world.loop);
  const auto store = OpenSqliteStore(folder.File("store.db"));
  ASSERT_TRUE(store.ok()) << store.status();
  const OutboxLimits limits;
  const std::string owner = "me";
  const OutboundObservers observers;
  ByteBudget ready{limits.ready_bytes_total_max, 0};
  ByteBudget in_flight{limits.bytes_in_flight_total_max, 0};
  OutboundLinks links(LinkServices{world.loop, transport, **store, world.workers, limits, owner,
                                   [] { return 1.0; }, observers, ready, in_flight});
  const auto hear = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      links.Heard("a-server-with-a-name-" + std::to_string(i) + ".example.org");
    }
  };
  const std::int64_t before = allocated_bytes;
  hear(OutboundLinks::kHeardMax);
  const std::int64_t full = allocated_bytes;
  EXPECT_GT(full, before);
  EXPECT_LE(full - before, static_cast<std::int64_t>(OutboundLinks::kHeardMax) * 256);
  hear(OutboundLinks::kHeardMax * 2);
  EXPECT_EQ(allocated_bytes, full);
  links.Stop();
}

}  // namespace
}  // namespace federation::delivery
