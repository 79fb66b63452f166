#!/usr/bin/env bash
# Starts one peer on the database of a running bench_server, prints one JSON line when it is ready,
# and serves until SIGTERM. Usage: start.sh PEER --facts FILE [options]; start.sh --help tells more.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ -e "$here/node_modules/.clinicd-stamp" ] || {
  echo "start.sh: the peers are not installed" >&2
  echo "  way out: $here/setup.sh" >&2
  exit 77
}
TZ=UTC exec node "$here/node/start.mjs" "$@"
