#include <cstdio>
#include <cstdlib>
#include <string>
#include <variant>

#include "fednode/options.h"
#include "fednode/run.h"

namespace {

constexpr int kExitUsage = 2;

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "fednode: %s\n", std::string(status.message()).c_str());
  if (!absl::IsInvalidArgument(status)) return EXIT_FAILURE;
  std::fputs("fednode --help explains the options.\n", stderr);
  return kExitUsage;
}

}  // namespace

int main(int argc, char** argv) {
  auto parsed = federation::fednode::ParseCommandLine(argc, argv);
  if (!parsed.ok()) return Fail(parsed.status());
  if (const auto* notice = std::get_if<federation::fednode::Notice>(&*parsed)) {
    std::fputs(notice->text.c_str(), stdout);
    return EXIT_SUCCESS;
  }
  absl::Status status = federation::fednode::Run(std::get<federation::fednode::Options>(*parsed));
  return status.ok() ? EXIT_SUCCESS : Fail(status);
}
