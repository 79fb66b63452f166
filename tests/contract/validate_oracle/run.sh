#!/bin/bash
# Judges random messages with our validator and with the evaluator that buf publishes for browsers,
# and fails where they differ. Exits with 77 (skipped) where that evaluator cannot run.
#
#   run.sh GENERATOR DESCRIPTOR_SET...
#
# CLINICD_SEED picks other messages, CLINICD_COUNT other than 2000 of each type.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)

if ! command -v node >/dev/null; then
  echo "skipped: Node.js is missing"
  exit 77
fi
if [ ! -d "$root/third_party/node_modules/@bufbuild/protovalidate" ]; then
  echo "skipped: the npm packages are not installed; run deploy/setup.sh build"
  exit 77
fi
exec node "$root/tests/contract/validate_oracle/judge.mjs" "${CLINICD_SEED:-1}" "${CLINICD_COUNT:-2000}" "$@"
