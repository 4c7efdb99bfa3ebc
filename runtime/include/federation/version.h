#pragma once

// The contract between generated code and this runtime. Generated code asserts the number that its generator
// knew, so that stale output is found by the compiler and not by a peer.
#define FEDERATION_GENERATED_CODE_VERSION 4
