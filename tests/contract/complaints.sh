#!/bin/bash
# Holds tests/complaints.md to the tests: each complaint names a test that is there, and each test that
# is named after a complaint is on the list.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../../deploy/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/lib.sh"

/usr/bin/python3 - "$root" <<'EOF'
import pathlib
import re
import sys

tests = pathlib.Path(sys.argv[1]) / "tests"
listed = re.findall(r"\| `([^`]+, complaint \d+)` \|$", (tests / "complaints.md").read_text(), re.M)
named = [
    name
    for file in tests.rglob("*_test.cc")
    # A long name is several literals.
    for name in re.findall(
        r'TEST_CASE\(\s*"([^"]+, complaint \d+)"', re.sub(r'"\s*"', "", file.read_text())
    )
]

errors = [f"no test: {name}" for name in listed if name not in named]
errors += [f"not in tests/complaints.md: {name}" for name in named if name not in listed]
if not listed:
    errors.append("tests/complaints.md lists no complaint")
print("\n".join(errors), end="\n" if errors else "")
sys.exit(1 if errors else 0)
EOF
