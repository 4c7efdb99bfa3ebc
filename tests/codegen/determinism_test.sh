#!/usr/bin/env bash
# determinism_test.sh SOURCE_DIR WORK_DIR PROTOC PLUGIN: the same schemas make the same code, wherever they are, however
# they are named to protoc, in whichever order, and whatever the locale.
set -euo pipefail
source_dir=$1 work=$2 protoc=$3 plugin=$4
files=(chat/v1/chat.proto chat/v1/presence.proto chat/v1/rooms.proto)
reversed=(chat/v1/rooms.proto chat/v1/presence.proto chat/v1/chat.proto)

rm -rf "$work"
mkdir -p "$work/elsewhere/deep down/schemas" "$work/schemas"
cp -r "$source_dir/tests/install/consumer/chat" "$work/schemas"
cp -r "$source_dir/tests/install/consumer/chat" "$work/elsewhere/deep down/schemas"
cd "$work"

run=0
# generate ARGUMENTS...: generates into a folder of its own, and compares it with that of the first time.
generate() {
  run=$((run + 1))
  mkdir -p "$work/out$run"
  "$protoc" --plugin=protoc-gen-federation="$plugin" --federation_out="$work/out$run" "$@"
  if ! diff -r "$work/out1" "$work/out$run"; then
    echo "other code with: $*" >&2
    exit 1
  fi
}

proto=$source_dir/proto
generate -I schemas -I "$proto" "${files[@]}"
[ "$(find out1 -name '*.federation.*' | wc -l)" -eq 6 ] || { echo "want six files" >&2; exit 1; }
generate -I schemas -I "$proto" "${reversed[@]}"
generate -I "$proto" -I schemas "${files[@]}"
generate -I ./schemas/ -I "$proto/" "${files[@]}"
generate -I "$work/schemas/../schemas" -I "$proto/federation/.." "${files[@]}"
generate -I schemas -I "$proto" "${files[@]/#/schemas/}"
generate -I "$work/schemas" -I "$proto" "${files[@]/#/$work/schemas/}"
generate -I "$work/elsewhere/deep down/schemas" -I "$proto" "${files[@]}"
generate -I schemas -I "$proto" --include_source_info --include_imports --descriptor_set_out=/dev/null "${files[@]}"
(cd elsewhere && generate -I ../schemas -I "$proto" "${files[@]}") || exit 1
for locale in C C.UTF-8 tr_TR.UTF-8 nowhere; do
  LC_ALL=$locale LANG=$locale TZ=Asia/Kathmandu generate -I schemas -I "$proto" "${files[@]}"
done
# One at a time, as build systems do.
mkdir alone
for file in "${files[@]}"; do
  "$protoc" -I schemas -I "$proto" --plugin=protoc-gen-federation="$plugin" --federation_out=alone "$file"
done
diff -r out1 alone
if grep -rlF -e "$work" -e "$source_dir" -e "$(date +%Y)" out1; then
  echo "holds a path or a time" >&2
  exit 1
fi
