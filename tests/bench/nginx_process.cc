#include "bench/nginx_process.h"

#include <chrono>
#include <fstream>
#include <signal.h>
#include <stdexcept>
#include <thread>
#include <unistd.h>

#include <fmt/core.h>

#include "bench/loopback.h"

namespace federation::bench {
namespace {

constexpr const char* kNginx = "/usr/sbin/nginx";

}  // namespace

bool NginxProcess::IsInstalled() { return access(kNginx, X_OK) == 0; }

NginxProcess::NginxProcess(const std::string& folder, const TlsFiles& tls, const std::string& answer,
                           int processor)
    : port_(FreePort()) {
  const std::string path = folder + "/nginx.conf";
  std::ofstream(path) << fmt::format(R"(
daemon off;
master_process off;
worker_processes 1;
pid {0}/nginx.pid;
error_log {0}/nginx.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {0};
  proxy_temp_path {0};
  fastcgi_temp_path {0};
  uwsgi_temp_path {0};
  scgi_temp_path {0};
  keepalive_requests 1000000000;
  server {{
    listen 127.0.0.1:{1} ssl;
    ssl_certificate {2};
    ssl_certificate_key {3};
    ssl_client_certificate {4};
    ssl_verify_client on;
    ssl_protocols TLSv1.3;
    location / {{
      default_type application/json;
      return 200 '{5}';
    }}
  }}
}}
)",
                                     folder, port_, tls.certificate, tls.private_key, tls.authorities,
                                     answer);
  process_ = std::make_unique<ChildProcess>(std::vector<std::string>{
      "/usr/bin/taskset", "-c", std::to_string(processor), kNginx, "-p", folder, "-c", path});
  process_->EndWith(SIGTERM);
  for (int tries = 0; tries < 100; ++tries) {
    try {
      close(Connect(port_));
      return;
    } catch (const std::runtime_error&) {
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
  }
  throw std::runtime_error("nginx does not start");
}

}  // namespace federation::bench
