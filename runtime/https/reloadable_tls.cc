#include "https/reloadable_tls.h"

#include <utility>

#include <sys/stat.h>

namespace federation::https {

absl::StatusOr<std::shared_ptr<ReloadableTls>> ReloadableTls::Load(const TlsFiles& files,
                                                                   const std::string& domain) {
  auto tls = std::shared_ptr<ReloadableTls>(new ReloadableTls(files, domain));
  if (absl::Status status = tls->Reload(); !status.ok()) return status;
  return tls;
}

ReloadableTls::ReloadableTls(TlsFiles files, std::string domain)
    : files_(std::move(files)), domain_(std::move(domain)) {}

TlsContext ReloadableTls::current() const {
  const std::lock_guard guard(mutex_);
  return *context_;
}

absl::Status ReloadableTls::Reload() {
  const std::lock_guard one_at_a_time(reload_mutex_);
  return ReadAgain(StampAll());
}

absl::StatusOr<bool> ReloadableTls::ReloadIfChanged() {
  const std::lock_guard one_at_a_time(reload_mutex_);
  const Stamps stamps = StampAll();
  if (stamps == stamps_) return false;
  if (absl::Status status = ReadAgain(stamps); !status.ok()) return status;
  return true;
}

absl::Status ReloadableTls::ReadAgain(const Stamps& stamps) {
  // Taken before the files are read: what is written meanwhile is seen the next time.
  stamps_ = stamps;
  absl::StatusOr<TlsContext> context = TlsContext::Load(files_, domain_);
  if (!context.ok()) return context.status();
  const std::lock_guard guard(mutex_);
  context_ = *std::move(context);
  return absl::OkStatus();
}

ReloadableTls::Stamp ReloadableTls::StampOf(const std::string& file) {
  struct stat status{};
  // Through links: some change the link and not the file.
  if (file.empty() || stat(file.c_str(), &status) != 0) return {};
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return {.device = status.st_dev,
          .node = status.st_ino,
          .bytes = static_cast<std::uint64_t>(status.st_size),
          .modified_ns = status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec};
}

ReloadableTls::Stamps ReloadableTls::StampAll() const {
  return {StampOf(files_.certificate), StampOf(files_.private_key), StampOf(files_.authorities)};
}

}  // namespace federation::https
