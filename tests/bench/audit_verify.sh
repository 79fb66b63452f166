#!/usr/bin/env bash
# What it costs to verify the export of a whole audit log: CPU time (user and system) of one core, and
# the most memory that was in use.
# Usage: audit_verify.sh [BUILD_DIR] [EVENTS]     Goal: 1,000,000 events in at most 10 s.
set -euo pipefail
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$source_dir/build/release}
events=${2:-1000000}
work=$(mktemp -d "${TMPDIR:-/tmp}/clinicd-bench-XXXXXX")
trap 'rm -rf "$work"' EXIT

"$build/tests/bench_audit_export" "$events" > "$work/log.cborseq" 2> "$work/options"
echo "$events events, $(stat -c %s "$work/log.cborseq") bytes"
# shellcheck disable=SC2046 # The options are words.
/usr/bin/python3 - "$build/clinicd" audit verify $(cat "$work/options") "$work/log.cborseq" <<'PYTHON'
import os
import resource
import subprocess
import sys

done = subprocess.run(sys.argv[1:], check=False)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"user {used.ru_utime:.2f} s, system {used.ru_stime:.2f} s, memory {used.ru_maxrss // 1024} MiB")
sys.exit(done.returncode)
PYTHON
