#!/usr/bin/env bash
# How many bookings a second 32 clients can try on one hot day of one clinic, over the raw gRPC socket
# and on a PostgreSQL that is durable, the client on the same cores; about half of them find their
# time taken. Usage: hot_day.sh [BUILD_DIR] [ROUNDS] [SECONDS]
# Goal: at least 2,000 attempts a second, no deadlock, and no answer but "booked" and "taken".
# On a machine that does other things too, look at the CPU time of an attempt instead: two cores have
# 2,000,000 microseconds of it a second.
set -euo pipefail
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$source_dir/build/release}
rounds=${2:-3}
seconds=${3:-10}
clients=${CLIENTS:-32}
psql=$(ls -d /usr/lib/postgresql/*/bin/psql | sort -V | tail -n 1)
work=$(mktemp -d "${TMPDIR:-/tmp}/clinicd-bench-XXXXXX")
server=
stop() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null && wait "$server" || true; fi
  rm -rf "$work"
}
trap stop EXIT

field() { /usr/bin/python3 -c 'import json,sys; print(json.loads(sys.argv[1])[sys.argv[2]])' "$1" "$2"; }

"$build/tests/bench_server" --data "$work/data" --history-days 200 --workers "${WORKERS:-8}" > "$work/facts" 2> "$work/log" &
server=$!
until [ -s "$work/facts" ] || ! kill -0 "$server" 2>/dev/null; do read -rt 0.1 <> <(:) || true; done
facts=$(cat "$work/facts")
[ -n "$facts" ] || { cat "$work/log" >&2; exit 1; }

postmaster=$(head -n 1 "$(find -L "$work/data/cluster" -name postmaster.pid)")
pid=$(field "$facts" pid)
# ticks PID...: CPU time of the processes so far. The name in the second field may hold spaces.
ticks() {
  local each
  for each in "$@"; do sed 's/.*) //' "/proc/$each/stat"; done | awk '{t += $12 + $13} END {print t}'
}
of_postgres() { ticks $(pgrep -P "$postmaster"); }

rates=() status=0
for i in $(seq "$rounds"); do
  clinicd=$(ticks "$pid") postgres=$(of_postgres)
  figures=$("$build/tests/bench_hot_day" --target "$(field "$facts" target)" \
    --token "$(field "$facts" token)" --patients "$(field "$facts" patients)" \
    --practitioners "$(field "$facts" practitioners)" --clients "$clients" --seconds "$seconds" \
    --first-day $((i * 100))) || status=1
  clinicd=$(($(ticks "$pid") - clinicd)) postgres=$(($(of_postgres) - postgres))
  printf 'round %s: %s\n' "$i" "$figures"
  awk -v c="$clinicd" -v p="$postgres" -v hz="$(getconf CLK_TCK)" -v n="$(field "$figures" attempts)" \
    'BEGIN {printf "round: CPU of an attempt: clinicd %.0f us, PostgreSQL %.0f us\n", c / hz / n * 1e6, p / hz / n * 1e6}'
  rates+=("$(field "$figures" attempts_per_second)")
done
deadlocks=$("$psql" -At "$(field "$facts" database)" \
  -c 'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()')
printf 'median attempts a second: %s, deadlocks: %s\n' \
  "$(printf '%s\n' "${rates[@]}" | sort -n | sed -n "$(((rounds + 1) / 2))p")" "$deadlocks"
[ "$deadlocks" = 0 ] && exit "$status"
exit 1
