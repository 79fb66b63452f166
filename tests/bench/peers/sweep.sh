#!/usr/bin/env bash
# Finds the best number of processes and connections of each peer: reads of one patient, with the
# access row, from 16 callers on 4 connections of h2load (Debian's nghttp2-client).
# Usage: sweep.sh FACTS [SECONDS [PEER...]]. For a quiet machine; prints the load.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
facts=$1
seconds=${2:-5}
peers=("${@:3}")
[ "${#peers[@]}" -gt 0 ] || peers=(postgrest node-postgres node-pg node-drizzle)
command -v h2load >/dev/null || { echo "sweep.sh: h2load is missing (nghttp2-client)" >&2; exit 1; }
work=$(mktemp -d "${TMPDIR:-/tmp}/clinicd-sweep-XXXXXX")
peer_pid=
stop() {
  [ -n "$peer_pid" ] || return 0
  kill "$peer_pid" 2>/dev/null || true
  wait "$peer_pid" || true
  peer_pid=
}
trap 'stop; rm -rf "$work"' EXIT
field() {
  /usr/bin/python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"
}

patient=00000000-0000-0000-0000-000000000001
printf '\0\0\0\0\x26\x0a\x24%s' "$patient" >"$work/get.grpc"
printf '{"patient_id":"%s"}' "$patient" >"$work/get.json"

# measure PEER PROCESSES POOL
measure() {
  mkfifo "$work/out"
  "$here/start.sh" "$1" --facts "$facts" --listen 127.0.0.1:0 --processes "$2" --pool "$3" \
    >"$work/out" 2>"$work/log" &
  peer_pid=$!
  head -n 1 "$work/out" >"$work/ready"
  rm "$work/out"
  [ -s "$work/ready" ] || { cat "$work/log" >&2; exit 1; }
  local target token common
  target=$(field "$work/ready" target)
  token=$(field "$work/ready" token)
  common=(-c 4 -D "$seconds" --warm-up-time 2 -H "authorization: Bearer $token")
  if [ "$(field "$work/ready" kind)" = http ]; then
    # HTTP/1.1 has one request in flight on a connection.
    h2load --h1 "${common[@]}" -c 16 -H 'content-type: application/json' -d "$work/get.json" \
      "$target/rpc/trace_patient" >"$work/result"
  else
    h2load "${common[@]}" -m 4 -H 'content-type: application/grpc' -H 'te: trailers' \
      -d "$work/get.grpc" "http://$target/clinicd.patients.v1.PatientService/GetPatient" \
      >"$work/result"
  fi
  printf '%-14s processes %s  pool %-3s %8s calls/s  load %s\n' "$1" "$2" "$3" \
    "$(sed -n 's/^finished in .*, \([0-9.]*\) req\/s.*/\1/p' "$work/result")" \
    "$(cut -d ' ' -f 1 /proc/loadavg)"
  stop
}

for peer in "${peers[@]}"; do
  for processes in 1 2; do
    [ "$peer" != postgrest ] || [ "$processes" = 1 ] || continue
    for pool in 2 4 8 16; do measure "$peer" "$processes" "$pool"; done
  done
done
