# buf, which lints schemas and runs generators. To be sourced, behind packages.sh.

buf_version=1.75.0

# buf_binary DIR: prints the path of buf, which npm installs in DIR unless it is there.
buf_binary() {
  local dir=$1/$buf_version log
  if ! find_buf "$dir"; then
    # Debian's npm does not go with a Node.js from elsewhere, which brings its own.
    command -v npm > /dev/null || install_packages buf >&2 || return 1
    mkdir -p "$dir"
    log=$(mktemp)
    # The binary for this machine is an optional dependency; scripts would add nothing to it.
    if ! npm install --prefix "$dir" --no-save --no-audit --no-fund --ignore-scripts --include=optional \
      "@bufbuild/buf@$buf_version" > "$log" 2>&1; then
      cat "$log" >&2
      echo "npm could not install buf $buf_version: is the registry within reach?" >&2
      rm -f "$log"
      return 1
    fi
    rm -f "$log"
    find_buf "$dir" || { echo "npm has no buf $buf_version for this machine, a $(uname -sm)" >&2; return 1; }
  fi
}

# Prints the path of a binary that npm has installed.
find_buf() {
  local binary
  for binary in "$1"/node_modules/@bufbuild/buf-*/bin/buf; do
    [ -x "$binary" ] && { echo "$binary"; return 0; }
  done
  return 1
}
