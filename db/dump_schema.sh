#!/bin/bash
# Writes the schema that the migrations make, as SQL, to standard output. The same schema gives the
# same text: what differs between machines and minor versions of pg_dump is left out, owners and
# grants are kept.
#
#   db/dump_schema.sh                 of a scratch cluster, to which it applies everything first
#   db/dump_schema.sh 'dbname=...'    of that database (a libpq connection string, superuser)
#
# After adding a migration: db/dump_schema.sh > /tmp/schema.sql && mv /tmp/schema.sql db/schema.sql
set -euo pipefail

db=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

die() {
  echo "dump_schema.sh: $*" >&2
  exit 1
}

# Programs of the newest installed server, 15 or later: pg_dump must not be older than its server.
find_programs() {
  local version
  version=$(ls /usr/lib/postgresql 2>/dev/null | grep -E '^[0-9]+$' | sort -n | tail -n 1)
  [[ -n $version && $version -ge 15 ]] ||
    die "no PostgreSQL 15 or later in /usr/lib/postgresql; install the package postgresql-15"
  programs=/usr/lib/postgresql/$version/bin
}

# The server refuses to run as root.
as_server_user() {
  if [[ $EUID -eq 0 ]]; then
    runuser -u postgres -- "$@"
  else
    "$@"
  fi
}

start_scratch_cluster() {
  scratch=$(mktemp -d /tmp/clinicd-dump.XXXXXX)
  trap stop_scratch_cluster EXIT
  if [[ $EUID -eq 0 ]]; then
    chown postgres "$scratch"
  fi
  (
    cd "$scratch"
    as_server_user "$programs/initdb" --pgdata="$scratch/data" --username=postgres --auth=trust \
      --locale=C.UTF-8 --encoding=UTF8 --no-sync
    as_server_user "$programs/pg_ctl" start --pgdata="$scratch/data" --wait --log="$scratch/log" \
      --options="-c listen_addresses='' -c unix_socket_directories='$scratch' -c fsync=off"
  ) >"$scratch/setup.log" 2>&1 || die "no scratch cluster: $(tail -n 3 "$scratch/setup.log")"
}

stop_scratch_cluster() {
  (cd "$scratch" && as_server_user "$programs/pg_ctl" stop --pgdata="$scratch/data" --mode=fast) \
    >/dev/null 2>&1 || true
  rm -rf "$scratch"
}

apply_everything() {
  local file
  for file in "$db/bootstrap.sql" "$db/bootstrap_database.sql" "$db"/migrations/[0-9]*.sql; do
    if [[ $(head -n 1 "$file") == "-- clinicd: no transaction" ]]; then
      "$programs/psql" -X -q -v ON_ERROR_STOP=1 -d "$1" -f "$file"
    else
      "$programs/psql" -X -q -v ON_ERROR_STOP=1 -1 -d "$1" -f "$file"
    fi >&2 || die "cannot apply ${file#"$db"/}"
  done
}

# Of the roles of a policy, pg_dump prints the one first that was altered longest ago: the order in
# which their rows lie in the catalog. Sorted here.
sort_roles() {
  python3 -c '
import re, sys
names = re.compile(r"(?<= TO )\w+(?:, \w+)+")
for line in sys.stdin:
    if line.startswith("CREATE POLICY "):
        line = names.sub(lambda found: ", ".join(sorted(found[0].split(", "))), line, count=1)
    sys.stdout.write(line)'
}

# Leaves out comments of pg_dump, session settings and psql commands (which newer minor versions
# add), all of which stand at the start of a line, and runs of empty lines. The bookkeeping of
# migrations is the runner's and not part of the schema.
dump() {
  "$programs/pg_dump" --schema-only --schema=clinicd --exclude-table=clinicd.schema_migrations \
    --dbname="$1" |
    sed -E -e '/^--/d' -e '/^\\/d' -e '/^SET [a-z_]+ = /d' \
      -e '/^SELECT pg_catalog\.set_config\(/d' |
    cat -s | sed -e '1{/^$/d}' -e '${/^$/d}' | sort_roles
}

find_programs
if [[ $# -eq 0 ]]; then
  start_scratch_cluster
  apply_everything "host=$scratch user=postgres dbname=postgres"
  dump "host=$scratch user=postgres dbname=postgres"
elif [[ $# -eq 1 && $1 != -* ]]; then
  dump "$1"
else
  die "usage: db/dump_schema.sh [CONNECTION-STRING]"
fi
