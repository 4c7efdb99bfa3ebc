# Debian 12 packages of this project. To be sourced.

# Prints the packages of one group:
#   build   the runtime and the code generator
#   tools   fednode, fedctl and tools/quickstart, beyond `build`
#   test    the tests, the benchmarks and the fuzz targets, beyond `tools`
#   check   formatting and static analysis, beyond `build`
#   abuse   tools/abuse, beyond `tools`
#   buf     what buf is installed with
packages_of() {
  case "$1" in
    build)
      echo g++ cmake ninja-build ccache pkg-config protobuf-compiler libprotobuf-dev libprotoc-dev libabsl-dev \
        libboost1.81-dev libssl-dev libc-ares-dev libsqlite3-dev libsimdjson-dev libspdlog-dev libfmt-dev
      ;;
    tools)
      echo libgrpc++-dev protobuf-compiler-grpc libcli11-dev libtomlplusplus-dev \
        prometheus-cpp-dev openssl sqlite3
      ;;
    test)
      echo libgtest-dev libgmock-dev libbenchmark-dev curl dnsmasq-base clang-14 clang-19 libclang-rt-14-dev sslscan
      ;;
    abuse)
      echo slowhttptest curl iproute2
      ;;
    buf)
      echo npm
      ;;
    check)
      echo clang-format-19 clang-tidy-19 git
      ;;
    *)
      echo "packages_of: unknown group: $1" >&2
      return 1
      ;;
  esac
}

# Runs a command as root.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo > /dev/null; then
    sudo "$@"
  else
    echo "this needs root, or sudo: $*" >&2
    return 1
  fi
}

# install_packages GROUP...: installs what is missing of the groups, without questions. Does nothing, not even ask the
# network, where nothing is missing.
install_packages() {
  local group names wanted=() missing=() package installed log
  for group in "$@"; do
    names=$(packages_of "$group") || return 1
    read -ra names <<< "$names"
    wanted+=("${names[@]}")
  done
  if ! command -v apt-get > /dev/null; then
    echo "no apt-get here: this project installs on Debian 12; elsewhere install by hand: ${wanted[*]}" >&2
    return 1
  fi
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2> /dev/null || true)
  for package in "${wanted[@]}"; do
    grep -qxF "$package installed" <<< "$installed" || missing+=("$package")
  done
  [ "${#missing[@]}" -eq 0 ] && return 0
  echo "installing ${#missing[@]} packages: ${missing[*]}"
  log=$(mktemp)
  if ! {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 update &&
      as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install "${missing[@]}"
  } > "$log" 2>&1 < /dev/null; then
    cat "$log" >&2
    echo "the packages could not be installed" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}
