#!/bin/sh
# check_amalgamation.sh PYTHON ROOT: the library as one file compiles with the documented command, beside a program that uses
# it, and exports what the library does.
set -eu
python=$1 root=$2
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
"$python" -B "$root/cmake/amalgamate.py" "$root" "$stage"
modules="jansson libxxhash libpcre2-8 libutf8proc gmp zlib"
cp "$root/examples/host_prover.c" "$stage/program.c"
sed -i 's|<pvgame/pvgame.h>|"pvgame.h"|' "$stage/program.c"
cd "$stage"
# without optimisation, which takes most of the time
# shellcheck disable=SC2046
cc -std=c11 -O0 program.c pvgame.c $(pkg-config --cflags --libs $modules) -lm -pthread -o program
./program
nm -g --defined-only program | sed -n 's/.* T \(pvg_.*\)/\1/p' | sort >names
sort "$root/tests/abi/symbols.txt" | diff - names
