#!/usr/bin/env bash
# Starts a server on a database that exists, and says how long that took and what memory it then
# holds while nobody calls. Usage: idle_server.sh [BUILD_DIR] [ROUNDS]
# Goals: ready within 1 s, its private PostgreSQL included; less than 80 MB resident.
set -euo pipefail
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$source_dir/build/release}
rounds=${2:-5}
work=$(mktemp -d "${TMPDIR:-/tmp}/clinicd-bench-XXXXXX")
server=
stop() {
  [ -n "$server" ] || return 0
  kill "$server" 2>/dev/null || true
  wait "$server" || true
  server=
}
trap 'stop; rm -rf "$work"' EXIT

# Returns when the server is ready.
start() {
  mkfifo "$work/out"
  "$build/clinicd" dev --data "$work/data" --listen 127.0.0.1:0 >"$work/out" 2>"$work/log" &
  server=$!
  local line ready=
  while read -r line; do
    case $line in ready\ *) ready=1 && break ;; esac
  done <"$work/out"
  rm "$work/out"
  [ -n "$ready" ] || { cat "$work/log" >&2 && exit 1; }
}

start
stop
for i in $(seq "$rounds"); do
  before=$(date +%s%N)
  start
  after=$(date +%s%N)
  # Long enough for what the start left behind to be done.
  sleep 2
  printf 'round %s: ready after %d ms, %d MB resident\n' "$i" $(((after - before) / 1000000)) \
    $(($(awk '/^VmRSS:/ {print $2}' "/proc/$server/status") / 1000))
  stop
done
