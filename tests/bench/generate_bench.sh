#!/usr/bin/env bash
# generate_bench.sh PROTOC PLUGIN INCLUDE_OPTIONS...: what the generator and its code cost, beside protoc's own C++ of the
# same schemas. Medians of processor time, in turns; the last column is ours by protoc's.
#
#   generate a schema of 5,000 messages in one file, and one in 500 files that import each other
#   compile  the code of 100 messages, and of the standard schema
set -euo pipefail
protoc=$1 plugin=$2
shift 2
include_options=("$@")
rounds=${ROUNDS:-5}
cd "$(dirname "$0")/../.."
proto=$PWD/proto
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# messages FIRST COUNT: pairs of messages, one nested in the other, with some of everything.
messages() {
  awk -v first="$1" -v count="$2" '
    BEGIN {
      for (i = first; i < first + count; ++i) {
        printf "// What a customer has ordered, the %d-th kind of it.\nmessage Order%d {\n", i, i
        print "  // How far it is."
        print "  enum State {\n    STATE_UNSPECIFIED = 0;\n    // Paid for.\n    STATE_PAID = 1;\n    STATE_SENT = 2;\n  }"
        print "  // One line of it."
        print "  message Line {\n    string article_id = 1;\n    uint32 pieces = 2;"
        print "    // In cents.\n    sint64 price_cents = 3;\n    repeated string notes = 4;\n  }"
        print "  // Unique.\n  string order_id = 1;\n  int64 created_at_ms = 2;\n  State state = 3;\n  repeated Line lines = 4;"
        print "  // By name.\n  map<string, string> labels = 5;\n  bool is_gift = 6;\n  double discount = 7;"
        print "  bytes signature = 8;\n  optional string remark = 9;"
        if (i > 0) printf "  // The one before.\n  Order%d previous = 10;\n", i - 1
        print "  oneof payment {\n    string card_token = 11;\n    Line voucher = 12;\n    uint64 invoice_number = 13;\n  }"
        print "  repeated int32 weights_grams = 14;\n}\n"
      }
    }'
}

# schema FIRST COUNT IMPORTS...: a whole file.
schema() {
  printf 'syntax = "proto3";\n\npackage bench.v1;\n\n'
  [ $# -le 2 ] || printf 'import "%s";\n' "${@:3}"
  printf '\n'
  messages "$1" "$2"
}

# cpu COMMAND...: prints the processor time of the command in seconds.
cpu() {
  local TIMEFORMAT='%U %S' times
  times=$({ time "$@" > "$work/log" 2>&1; } 2>&1) || { cat "$work/log" >&2; return 1; }
  awk '{ print $1 + $2 }' <<< "$times"
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# compare NAME THEIRS OURS: runs two functions in turns, and prints a row.
compare() {
  local round theirs=() ours=()
  for ((round = 0; round < rounds; ++round)); do
    theirs+=("$(cpu "$2")")
    ours+=("$(cpu "$3")")
  done
  awk -v name="$1" -v t="$(printf '%s\n' "${theirs[@]}" | median)" -v o="$(printf '%s\n' "${ours[@]}" | median)" \
    'BEGIN { printf "%-46s %9.2f %9.2f %7.2f\n", name, t, o, o / t }'
}

run_protoc() { (cd "$schemas" && "$protoc" -I . -I "$proto" --plugin=protoc-gen-federation="$plugin" "$@" "${files[@]}"); }
theirs() { run_protoc --cpp_out="$work/out"; }
ours() { run_protoc --federation_out="$work/out"; }

compile() {
  local file
  for file in "${files[@]}"; do
    g++ -std=c++20 -O2 -I "$work/out" "${include_options[@]}" -c -o /dev/null "$work/out/${file%.proto}.$1.cc"
  done
}
compile_theirs() { compile pb; }
compile_ours() { compile federation; }

mkdir -p "$work/out" "$work/one" "$work/many" "$work/some"
schema 0 2500 > "$work/one/one.proto"
schema 0 50 > "$work/some/some.proto"
for ((file = 0; file < 500; ++file)); do
  imports=()
  for back in 1 10 100; do
    if [ "$file" -ge "$back" ]; then imports+=("file$((file - back)).proto"); fi
  done
  schema $((file * 5)) 5 ${imports[@]+"${imports[@]}"} > "$work/many/file$file.proto"
done

printf '%-46s %9s %9s %7s\n' "seconds" "protoc" "ours" "ratio"
schemas=$work/one files=(one.proto)
compare "generate 5,000 messages in one file" theirs ours
schemas=$work/many
files=()
for ((file = 0; file < 500; ++file)); do files+=("file$file.proto"); done
compare "generate 5,000 messages in 500 files" theirs ours

schemas=$work/some files=(some.proto)
theirs && ours
compare "compile 100 messages, -O2" compile_theirs compile_ours
for name in address peers push rpc updates; do
  schemas=$proto files=("federation/v1/$name.proto")
  theirs && ours
  compare "compile federation/v1/$name.proto, -O2" compile_theirs compile_ours
done
