#!/usr/bin/env bash
# How far sealing is behind, and what it costs, while events are written at a fixed rate (open loop)
# beside a development server that seals them. Usage: seal_lag.sh [BUILD_DIR] [EVENTS_PER_SECOND] [SECONDS]
# Goal: at 500 events a second, 99 % are sealed within 2 s.
set -euo pipefail
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$source_dir/build/release}
rate=${2:-500}
seconds=${3:-60}
postgres=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
work=$(mktemp -d "${TMPDIR:-/tmp}/clinicd-bench-XXXXXX")
server=
stop() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null && wait "$server" || true; fi
  rm -rf "$work"
}
trap stop EXIT

"$build/clinicd" dev --data "$work/data" --listen 127.0.0.1:0 > "$work/out" 2> "$work/log" &
server=$!
until grep -q '^ready' "$work/out" || ! kill -0 "$server" 2>/dev/null; do read -rt 0.1 <> <(:) || true; done
grep -q '^ready' "$work/out" || { cat "$work/log" >&2; exit 1; }
owner=$(/usr/bin/python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["database_owner"])' "$work/data/dev.json")
value() { "$postgres/psql" -X -q -A -t -d "$owner" -c "$1"; }
# Processor time of the server in milliseconds, its sealing thread included.
spent() { awk -v tick="$(getconf CLK_TCK)" '{print int(($14 + $15) * 1000 / tick)}' "/proc/$server/stat"; }

cat > "$work/event.sql" <<'SQL'
INSERT INTO clinicd.audit_events (clinic_id, id, category, action, method, outcome, client_address, user_agent)
SELECT id, (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7000' || substr(md5(random()::text), 1, 16))::uuid,
    'record', 'read', 'clinicd.patients.v1.PatientService/GetPatient', 'OK', '10.0.0.1', 'bench'
FROM clinicd.clinics ORDER BY random() LIMIT 1;
SQL
begin=$(value "SELECT clock_timestamp()")
before=$(spent)
"$postgres/pgbench" -n -M prepared -c 4 -j 1 -R "$rate" -T "$seconds" -f "$work/event.sql" "$owner" > "$work/pgbench" 2>&1
after=$(spent)
until [ "$(value "SELECT count(*) FROM clinicd.audit_events AS e WHERE recorded_at >= '$begin' AND NOT EXISTS (SELECT FROM clinicd.audit_leaves AS l WHERE l.clinic_id = e.clinic_id AND l.event_id = e.id)")" = 0 ]; do
  read -rt 0.2 <> <(:) || true
done
value "SELECT count(*) || ' events, ' || round(count(*) / $seconds.0) || ' a second; sealed after: p50 '
    || round((percentile_cont(0.5) WITHIN GROUP (ORDER BY lag))::numeric, 2) || ' s, p99 '
    || round((percentile_cont(0.99) WITHIN GROUP (ORDER BY lag))::numeric, 2) || ' s, longest ' || round(max(lag)::numeric, 2) || ' s'
    FROM (SELECT extract(epoch FROM l.sealed_at - e.recorded_at) AS lag FROM clinicd.audit_events AS e
        JOIN clinicd.audit_leaves AS l ON l.clinic_id = e.clinic_id AND l.event_id = e.id WHERE e.recorded_at >= '$begin') AS lags"
echo "server process: $(( (after - before) / seconds )) ms of processor time a second ($(value "SELECT count(*) FROM clinicd.audit_checkpoints WHERE signed_at >= '$begin'") checkpoints)"
