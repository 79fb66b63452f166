#!/usr/bin/env bash
# Compares GetPatient through the raw gRPC socket with `pgbench -M prepared` doing the same
# statements one by one, in interleaved rounds of one run, on the same PostgreSQL and cores, the
# client included. Usage: get_patient.sh [BUILD_DIR] [ROUNDS] [SECONDS]
# Goal: a ratio of at least 0.5, with the access row and without.
set -euo pipefail
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$source_dir/build/release}
rounds=${2:-5}
seconds=${3:-5}
clients=${CLIENTS:-16}
pgbench=$(ls -d /usr/lib/postgresql/*/bin/pgbench | sort -V | tail -n 1)
work=$(mktemp -d "${TMPDIR:-/tmp}/clinicd-bench-XXXXXX")
server=
stop() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null && wait "$server" || true; fi
  rm -rf "$work"
}
trap stop EXIT

field() { /usr/bin/python3 -c 'import json,sys; print(json.loads(sys.argv[1])[sys.argv[2]])' "$1" "$2"; }

# The statements of db/queries, with clinicd's parameters as pgbench variables.
script() {
  cat <<SQL
\set n random(1, :patients)
BEGIN;
SELECT set_config('clinicd.clinic_id', '$clinic', true), set_config('clinicd.user_id', '$user', true), set_config('clinicd.purpose', '', true), set_config('statement_timeout', '9000', true), set_config('synchronous_commit', 'off', true), set_config('transaction_read_only', '$1', true);
$("$build/tests/bench_queries" get_patient "$clinic");
SQL
  if [ "$1" = off ]; then
    echo "$("$build/tests/bench_queries" insert_patient_access "$clinic");"
  fi
  echo "COMMIT;"
}

round() {  # name, extra server flags, read_only
  rm -f "$work/facts"  # or the facts of the round before would be read
  "$build/tests/bench_server" --data "$work/data" $2 > "$work/facts" 2> "$work/log" &
  server=$!
  until [ -s "$work/facts" ] || ! kill -0 "$server" 2>/dev/null; do read -rt 0.1 <> <(:) || true; done
  facts=$(cat "$work/facts")
  [ -n "$facts" ] || { cat "$work/log" >&2; exit 1; }
  clinic=$(field "$facts" clinic); user=$(field "$facts" user); patients=$(field "$facts" patients)
  script "$3" > "$work/script.sql"
  ratios=()
  for i in $(seq "$rounds"); do
    tps=$("$pgbench" -n -M prepared -c "$clients" -j 1 -T "$seconds" -f "$work/script.sql" \
        -D patients="$patients" "$(field "$facts" database)" 2>/dev/null |
        sed -n 's/^tps = \([0-9.]*\).*without.*/\1/p')
    rps=$(field "$("$build/tests/bench_load" --target "$(field "$facts" target)" \
        --token "$(field "$facts" token)" --patients "$patients" --streams "$clients" \
        --seconds "$seconds")" calls_per_second)
    ratio=$(/usr/bin/python3 -c "print(f'{$rps/$tps:.2f}')")
    printf '%s round %s: clinicd %.0f calls/s, pgbench %.0f tps, ratio %s\n' "$1" "$i" "$rps" "$tps" "$ratio"
    ratios+=("$ratio")
  done
  kill "$server" && wait "$server" || true
  server=
  printf '%s median ratio: %s\n' "$1" "$(printf '%s\n' "${ratios[@]}" | sort -n | sed -n "$(( (rounds + 1) / 2 ))p")"
}

round "access row on" "" off
round "access row off" "--no-access-rows" on
