#include "store/sqlite_store_maker.h"
#include "store/store_contract.h"

namespace federation {
namespace {

// In the second one, some blocks that were not synced are there after a crash.
INSTANTIATE_TEST_SUITE_P(
    Sqlite, StoreContract,
    testing::Values(StoreKind{"Sqlite", [] { return std::make_unique<SqliteStoreMaker>(); }},
                    StoreKind{"SqliteOnABadDisk", [] { return std::make_unique<SqliteStoreMaker>(2); }}),
    NameOfKind);

}  // namespace
}  // namespace federation
