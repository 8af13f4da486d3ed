#!/bin/sh
# On Debian 12, as root: installs the packages that the build needs, then builds library and program in build/release.
#   sh cmake/bootstrap.sh          packages, library and program
#   sh cmake/bootstrap.sh tests    packages only, those of the tests included
set -eu
cd "$(dirname "$0")/.."
packages="build-essential cmake pkg-config python3 libjansson-dev libxxhash-dev libpcre2-dev libutf8proc-dev libgmp-dev
          zlib1g-dev libopenblas-pthread-dev libcyaml-dev libyaml-dev libjs-chart.js"
[ "${1:-}" != tests ] || packages="$packages check libsubunit-dev valgrind abigail-tools doxygen mypy python3-numpy
                                   python3-pip python3-setuptools python3-venv python3-wheel"
missing=
for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # shellcheck disable=SC2086
  apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi
[ "${1:-}" != tests ] || exit 0
cmake -S . -B build/release -DPVG_BUILD_TESTS=OFF >/dev/null
cmake --build build/release -j "$(nproc)"
