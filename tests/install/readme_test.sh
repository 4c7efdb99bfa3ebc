#!/usr/bin/env bash
# readme_test.sh FILES WORK_DIR PREFIX: builds the files of README.md with CMake and without, as the page says.
set -euo pipefail
files=$1 work=$2
export prefix=$3

rm -rf "$work"
cp -r "$files" "$work"
cd "$work"

# Run without arguments, the program says so by 2: it is linked, and starts.
expect_program() {
  local code=0
  "$1" || code=$?
  [ "$code" -eq 2 ] || { echo "$1 ends with $code, want 2" >&2; exit 1; }
}

cmake -S . -B build -DCMAKE_PREFIX_PATH="$prefix"
cmake --build build
expect_program build/chat
bash -eu without_cmake.sh
expect_program ./chat-without-cmake
