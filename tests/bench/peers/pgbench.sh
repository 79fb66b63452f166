#!/usr/bin/env bash
# Runs pgbench on the database of a running bench_server with the statements of a workload, in one
# of four shapes.
# Usage: pgbench.sh --facts FILE --workload W1|W2|W7 --shape SHAPE [--print] [-- ARGS]
#   simple     four or five round trips, parsed and planned each time
#   prepared   the same, prepared once: what "-M prepared" in the goals means
#   pipelined  prepared, all in one flush
#   postgrest  what PostgREST sends for the same request, as its role: its share that is PostgreSQL
# ARGS go to pgbench, for example: -c 8 -j 1 -T 15. --print shows the script and runs nothing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ -e "$here/node_modules/.clinicd-stamp" ] || {
  echo "pgbench.sh: the peers are not installed; tests/bench/peers/setup.sh does it" >&2
  exit 77
}
TZ=UTC exec node "$here/node/pgbench.mjs" "$@"
