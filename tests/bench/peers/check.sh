#!/usr/bin/env bash
# Holds every peer to clinicd; needs setup.sh once and the targets bench_server and
# clinicd_descriptors. Usage: check.sh [BUILD_DIR]. Ends with 77 where the peers are not installed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ ! -e "$here/node_modules/.clinicd-stamp" ]; then
  echo "SKIPPED: the peers are not installed; tests/bench/peers/setup.sh does it"
  exit 77
fi
export CLINICD_BINARY_DIR=${1:-$here/../../../build/release} TZ=UTC
exec node --test "$here/check/check.mjs"
