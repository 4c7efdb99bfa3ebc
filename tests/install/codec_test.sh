#!/usr/bin/env bash
# codec_test.sh SOURCE_DIR WORK_DIR PREFIX CXX: codecs alone, without CMake; the package's folder may have moved.
set -euo pipefail
source_dir=$1 work=$2 prefix=$3 cxx=$4

rm -rf "$work"
mkdir "$work"
cp -r "$prefix" "$work/moved"
cp -r "$source_dir/consumer/chat" "$work"
cd "$work"
moved=$work/moved
export PKG_CONFIG_PATH=$moved/lib/pkgconfig

protoc -I . -I "$moved/include" --plugin="$moved/bin/protoc-gen-federation" --cpp_out=. --federation_out=. \
  --federation_opt=output=json chat/v1/rooms.proto
read -ra flags <<< "$(pkg-config --cflags --libs --static federation)"
"$cxx" -std=c++20 -I . "$source_dir/codec_main.cc" chat/v1/rooms.*.cc "${flags[@]}" -o codec
output=$(./codec)
[ "$output" = '{"name":"kitchen"}' ] || { echo "got $output" >&2; exit 1; }
case " ${flags[*]} " in
  *"$prefix/"*) echo "names the folder that it was installed to: ${flags[*]}" >&2; exit 1 ;;
esac
