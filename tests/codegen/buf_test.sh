#!/usr/bin/env bash
# buf_test.sh SOURCE_DIR WORK_DIR PROTOC PLUGIN: the standard schema passes `buf lint`, and under `buf generate` the
# plugin makes the same files as under protoc.
set -euo pipefail
source_dir=$1 work=$2 protoc=$3 plugin=$4
. "$source_dir/tools/lib/packages.sh"
. "$source_dir/tools/lib/buf.sh"

fail() {
  echo "$1" >&2
  exit 1
}

mkdir -p "$work"
buf=$(buf_binary "$work/buf")
export BUF_CACHE_DIR="$work/cache"

"$buf" lint "$source_dir/proto" || fail "the standard schema does not pass buf lint"

# A project that brings the standard schema along, as a module beside its own.
project="$work/project"
rm -rf "$project"
mkdir -p "$project/schemas"
cp -r "$source_dir/tests/install/consumer/chat" "$project/schemas"
cp -r "$source_dir/proto" "$project/proto"
rm "$project/proto/buf.yaml"
cd "$project"
cat > buf.yaml << 'YAML'
version: v2
modules:
  - path: schemas
  - path: proto
YAML

# generate STRATEGY OPTIONS: runs the plugin under buf.
generate() {
  cat > buf.gen.yaml << YAML
version: v2
inputs:
  - directory: schemas
plugins:
  - local: $plugin
    out: gen-$1
    strategy: $1
    opt: [$2]
YAML
  "$buf" generate
}

mkdir gen-protoc
"$protoc" --proto_path=schemas --proto_path=proto --plugin=protoc-gen-federation="$plugin" \
  --federation_out=gen-protoc chat/v1/chat.proto chat/v1/presence.proto chat/v1/rooms.proto
[ "$(find gen-protoc -name '*.federation.*' | wc -l)" -eq 6 ] || fail "protoc should have made six files"
for strategy in directory all; do
  generate "$strategy" output=json,output=updates,output=rpc || fail "buf generate failed with the strategy $strategy"
  diff -r gen-protoc "gen-$strategy" || fail "buf and protoc differ with the strategy $strategy"
done

generate all check=gen-protoc || fail "check=DIR finds stale what is not"
echo "// Changed." >> gen-protoc/chat/v1/rooms.federation.h
if output=$(generate all check=gen-protoc 2>&1); then fail "check=DIR does not fail under buf"; fi
grep -q 'gen-protoc/chat/v1/rooms.federation.h:.*: is stale' <<< "$output" || fail "check=DIR says: $output"
