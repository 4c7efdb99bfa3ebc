# The source of the installed protobuf, for its conformance suite. To be sourced.

# protobuf_source DIR: makes sure that DIR/source is the source tree of the protobuf that is installed, and prints that path.
# It is Debian's source package, from the mirror that the installed one comes from, checked by apt against the archive's
# signatures. Needs no root; asks the network once.
protobuf_source() {
  local dir=$1 package version upstream
  # protobuf 3.21.12-3+deb12u1
  read -r package version < <(dpkg-query -W -f '${source:Package} ${source:Version}\n' libprotobuf-dev) || return 1
  upstream=${version%-*}
  if [ "$(cat "$dir/version" 2> /dev/null)" != "$version" ]; then
    rm -rf "$dir"
    mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/source"
    download_source "$dir" "$package=$version" >&2 || return 1
    tar -xf "$dir/${package}_$upstream".orig.tar.* -C "$dir/source" --strip-components=1 || return 1
    rm -rf "$dir/lists" "$dir/cache"
    echo "$version" > "$dir/version"
  fi
  echo "$dir/source"
}

# download_source DIR PACKAGE=VERSION: the files of a source package, with a package list of its own: the machine's need not
# list sources.
download_source() {
  local dir=$1 apt
  apt=(apt-get -qq -o Dir::Etc::sourcelist="$PWD/$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o Dir::State::lists="$PWD/$dir/lists" -o Dir::Cache="$PWD/$dir/cache" -o APT::Sandbox::User= -o Acquire::Retries=3)
  source_archive > "$dir/sources.list"
  if ! (cd "$dir" && "${apt[@]}" update && "${apt[@]}" source --download-only "$2") > "$dir/apt.log" 2>&1; then
    cat "$dir/apt.log"
    echo "the source package $2 could not be downloaded"
    return 1
  fi
}

# The line of sources.list for the archive that libprotobuf-dev was installed from; Debian's own if apt does not know it.
source_archive() {
  local site suite
  # libprotobuf-dev | 3.21.12-3+deb12u1 | http://deb.debian.org/debian bookworm/main amd64 Packages
  read -r site suite _ < <(apt-cache madison libprotobuf-dev 2> /dev/null | sed -n '1s/^[^|]*|[^|]*| *//p') || true
  echo "deb-src ${site:-http://deb.debian.org/debian} $(tr / ' ' <<< "${suite:-bookworm/main}")"
}
