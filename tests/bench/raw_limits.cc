#include "bench/raw_limits.h"

#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <stdexcept>
#include <unistd.h>
#include <vector>

#include "bench/sample_update.h"
#include "support/raw_tls_client.h"

#include <sqlite3.h>

namespace federation::bench {
namespace {

using Clock = std::chrono::steady_clock;

void Execute(sqlite3* connection, const char* sql) {
  if (sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    throw std::runtime_error(sqlite3_errmsg(connection));
}

}  // namespace

double SqliteAppends_per_s(const std::string& path, std::uint64_t updates, std::uint64_t per_commit) {
  const std::string json = SampleJson(1);
  sqlite3* connection = nullptr;
  sqlite3_open(path.c_str(), &connection);
  Execute(connection,
          "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
          "CREATE TABLE appended (seq INTEGER PRIMARY KEY, json TEXT NOT NULL)");
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(connection, "INSERT INTO appended (json) VALUES (?1)", -1, &insert, nullptr);
  const Clock::time_point start = Clock::now();
  for (std::uint64_t done = 0; done < updates;) {
    Execute(connection, "BEGIN");
    for (std::uint64_t i = 0; i < per_commit && done < updates; ++i, ++done) {
      sqlite3_bind_text(insert, 1, json.data(), static_cast<int>(json.size()), SQLITE_STATIC);
      if (sqlite3_step(insert) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(connection));
      sqlite3_reset(insert);
    }
    Execute(connection, "COMMIT");
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  sqlite3_finalize(insert);
  sqlite3_close(connection);
  return static_cast<double>(updates) / seconds;
}

SyncedFile::SyncedFile(const std::string& path)
    : file_(open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600)) {
  if (file_ < 0) throw std::runtime_error("cannot create " + path);
}

SyncedFile::~SyncedFile() { close(file_); }

std::chrono::nanoseconds SyncedFile::Append(const std::string& bytes) const {
  const Clock::time_point start = Clock::now();
  if (write(file_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) || fdatasync(file_) != 0)
    throw std::runtime_error("cannot append to a file");
  return Clock::now() - start;
}

EchoConnection::EchoConnection(std::uint16_t port, const TlsFiles& tls, const std::string& domain)
    : connection_(support::ConnectRawTls(port, tls, domain)) {
  if (!connection_.Handshake()) throw std::runtime_error("a TLS handshake failed");
}

std::chrono::nanoseconds EchoConnection::RoundTrip(const std::string& bytes) {
  std::vector<char> back(bytes.size());
  const Clock::time_point start = Clock::now();
  if (!connection_.Send(bytes)) throw std::runtime_error("cannot send");
  for (std::size_t got = 0; got < back.size();) {
    const int count = SSL_read(connection_.ssl(), back.data() + got, static_cast<int>(back.size() - got));
    if (count <= 0) throw std::runtime_error("the echo has ended");
    got += static_cast<std::size_t>(count);
  }
  return Clock::now() - start;
}

}  // namespace federation::bench
