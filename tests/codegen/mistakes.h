#pragma once

#include <ostream>
#include <string>

#include <gtest/gtest.h>

namespace federation::codegen {

// A schema that the generator refuses.
struct Mistake {
  const char* name;
  const char* schema;
  const char* want;  // the whole error
};

void PrintTo(const Mistake& mistake, std::ostream* out);

// Stands in front of every schema's text that does not start with a `syntax` of its own, in the first line:
// so the text starts in line 2.
extern const char* const kPrelude;

// The test of tables of mistakes:
//
//   constexpr Mistake kTypos[] = {...};
//   INSTANTIATE_TEST_SUITE_P(Typos, Refuses, testing::ValuesIn(kTypos), NameOf);
class Refuses : public testing::TestWithParam<Mistake> {};

std::string NameOf(const testing::TestParamInfo<Mistake>& info);

}  // namespace federation::codegen
