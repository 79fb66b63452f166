#!/usr/bin/env bash
# What the edge costs: the CPU time of clinicd alone, system and user, for one GetPatient in native
# gRPC over TLS through the front door, against the same call on the raw gRPC socket; in interleaved
# rounds of one run, on the same server and connections to PostgreSQL.
# Usage: edge_cost.sh [BUILD_DIR] [ROUNDS] [SECONDS]     Goal: a ratio of at most 1.5.
set -euo pipefail
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$source_dir/build/release}
rounds=${2:-5}
seconds=${3:-5}
streams=${STREAMS:-32}
work=$(mktemp -d "${TMPDIR:-/tmp}/clinicd-bench-XXXXXX")
server=
stop() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null && wait "$server" || true; fi
  rm -rf "$work"
}
trap stop EXIT

field() { /usr/bin/python3 -c 'import json,sys; print(json.loads(sys.argv[1])[sys.argv[2]])' "$1" "$2"; }

# CPU time of clinicd so far, in ticks. The name in the second field may hold spaces.
ticks() { sed 's/.*) //' "/proc/$pid/stat" | awk '{print $12 + $13}'; }

# cost TARGET [MORE...]: microseconds of CPU a call.
cost() {
  local target=$1 before after calls
  shift
  before=$(ticks)
  calls=$(field "$("$build/tests/bench_load" --target "$target" --token "$token" --patients "$patients" \
    --streams "$streams" --seconds "$seconds" "$@")" calls)
  after=$(ticks)
  awk -v t=$((after - before)) -v hz="$(getconf CLK_TCK)" -v n="$calls" 'BEGIN {printf "%.1f", t / hz / n * 1e6}'
}

"$build/tests/bench_server" --data "$work/data" > "$work/facts" 2> "$work/log" &
server=$!
until [ -s "$work/facts" ] || ! kill -0 "$server" 2>/dev/null; do read -rt 0.1 <> <(:) || true; done
facts=$(cat "$work/facts")
[ -n "$facts" ] || { cat "$work/log" >&2; exit 1; }
pid=$(field "$facts" pid) token=$(field "$facts" token) patients=$(field "$facts" patients)
raw=$(field "$facts" target) edge=$(field "$facts" tls_target) ca=$(field "$facts" ca)

ratios=()
for i in $(seq "$rounds"); do
  plain=$(cost "$raw")
  tls=$(cost "$edge" --ca "$ca")
  ratio=$(awk -v a="$tls" -v b="$plain" 'BEGIN {printf "%.2f", a / b}')
  printf 'round %s: edge %s us of CPU a call, raw socket %s us, ratio %s\n' "$i" "$tls" "$plain" "$ratio"
  ratios+=("$ratio")
done
printf 'median ratio: %s\n' "$(printf '%s\n' "${ratios[@]}" | sort -n | sed -n "$(((rounds + 1) / 2))p")"
