#!/bin/sh
# check_install.sh BUILD SOURCE: installs BUILD into a stage, moves the stage, runs the program there, and builds and runs
# another project against it through CMake and through pkg-config, shared and static.
set -eu
build=$1 source=$2
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cmake --install "$build" --prefix "$stage/first" >"$stage/log"
mv "$stage/first" "$stage/moved"
prefix=$stage/moved
libdir=$(dirname "$(find "$prefix" -name pvgame.pc)")/..
test -f "$prefix/include/pvgame/pvgame.h" -a -f "$prefix/include/pvgame/pvgame.hpp"

if [ -x "$prefix/bin/pvgame" ]; then "$prefix/bin/pvgame" --version; fi

run() {
  echo "$1"
  LD_LIBRARY_PATH=$libdir "$2"
}

CMAKE_PREFIX_PATH=$prefix cmake -S "$source" -B "$stage/cmake" >"$stage/log" 2>&1 || { cat "$stage/log"; exit 1; }
cmake --build "$stage/cmake" >"$stage/log" 2>&1 || { cat "$stage/log"; exit 1; }
for name in consumer_c consumer_cpp consumer_c_static consumer_cpp_static; do run "cmake: $name" "$stage/cmake/$name"; done

export PKG_CONFIG_PATH=$libdir/pkgconfig
flags="-Wall -Wextra -Werror"
cc $flags "$source/main.c" $(pkg-config --cflags --libs pvgame) -o "$stage/shared_c"
run "pkg-config: C, shared" "$stage/shared_c"
c++ -std=c++17 $flags "$source/main.cpp" $(pkg-config --cflags --libs pvgame) -o "$stage/shared_cpp"
run "pkg-config: C++, shared" "$stage/shared_cpp"
static=$(pkg-config --static --libs pvgame | sed 's/-lpvgame/-l:libpvgame.a/')
cc $flags -DPVG_STATIC "$source/main.c" $(pkg-config --cflags pvgame) $static -o "$stage/static_c"
run "pkg-config: C, static" "$stage/static_c"
if ldd "$stage/static_c" | grep -q libpvgame; then echo "the static program wants libpvgame.so"; exit 1; fi
if ldd "$stage/shared_c" "$stage/static_c" | grep -q blas; then echo "a BLAS of the system is loaded"; exit 1; fi
