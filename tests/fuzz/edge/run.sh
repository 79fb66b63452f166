#!/bin/sh
# Runs one fuzzer on the kept inputs and then on what it makes of them, for 15 seconds or
# CLINICD_FUZZ_SECONDS. New inputs stay in the build directory; a crash is kept beside them.
#   run.sh PROGRAM NAME [CORPUS]
set -eu
program=$1
name=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
corpus=${3:-$here/corpus/$name}
if [ ! -x "$program" ]; then
  echo "skipped: $program is not built, because clang++-14 is missing or a sanitizer is on" >&2
  exit 77
fi
work=$program.work
mkdir -p "$work/found"
exec "$program" -max_total_time="${CLINICD_FUZZ_SECONDS:-15}" -rss_limit_mb=2048 -timeout=5 -max_len=4096 \
  -error_exitcode=1 -timeout_exitcode=1 -print_final_stats=1 -artifact_prefix="$work/" "$work/found" "$corpus"
