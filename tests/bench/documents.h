#pragma once

#include <string>
#include <string_view>

#include "federation/v1/push.pb.h"

#include "bench/canonical.pb.h"

// What the codecs are measured with.
namespace federation::bench {

// The draft's push: two updates, 215 bytes of JSON.
v1::Push SmallPush();

// Message updates with text that is not ASCII and text that needs escapes, 293 bytes of JSON each.
v1::Push LargePush(int updates);

// Maps, repeated scalars and well-known types.
Readings CanonicalReadings(int readings);

// The same document, minified, with the keys of each object in an order of its own, tags included.
std::string Shuffled(std::string_view json);

}  // namespace federation::bench
