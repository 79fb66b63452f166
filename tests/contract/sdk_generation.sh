#!/bin/bash
# Generates the SDKs and the API reference, without a network where that can be had, and holds the
# reference to the protos: every method with who may call it, every reason of an error.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../../deploy/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/lib.sh"

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
offline=()
if unshare --net true 2>/dev/null; then
  offline=(unshare --net)
fi
"${offline[@]}" "$root/clients/generate.sh" "$out"

/usr/bin/python3 - "$root" "$out" <<'EOF'
import pathlib
import re
import sys

root, out = map(pathlib.Path, sys.argv[1:])
errors = []

# What a reader of the protos sees, by other means than the generator's.
access = {
    "signed_in": lambda value: "any signed-in user",
    "anonymous": lambda value: "anybody, without a session",
    "permission": lambda value: f"`{value}`",
}
methods = 0
for proto in sorted((root / "proto").rglob("*_service.proto")):
    text = re.sub(r"//[^\n]*", "", proto.read_text())
    for service in re.split(r"\bservice\s+(?=\w+\s*{)", text)[1:]:
        name = re.match(r"\w+", service)[0]
        page = out / "reference" / f"{name}.md"
        if not page.exists():
            errors.append(f"there is no page of {name}")
            continue
        parts = dict(re.findall(r"^## (\w+)\n(.*?)(?=^#{1,2} |\Z)", page.read_text(), re.M | re.S))
        for match in re.finditer(r"\brpc\s+(\w+)\(.*?(?=\brpc\b|^}|\Z)", service, re.M | re.S):
            methods += 1
            method = match[1]
            kind, value = re.search(
                r'\b(permission|signed_in|anonymous):\s*"?([\w.]+)"?', match[0]).groups()
            wanted = f"| **Permission** | {access[kind](value)} |"
            if wanted not in parts.get(method, ""):
                errors.append(f"{name}.{method}: the reference does not say {wanted}")
            if "Errors: [" not in parts.get(method, ""):
                errors.append(f"{name}.{method}: the reference names no errors")
for page, secret in (("SessionService", "refresh_token"), ("CalendarFeedService", "path")):
    text = (out / f"reference/{page}.md").read_text()
    if not re.search(rf"^\| `{secret}` \|.*\*\*Secret\.\*\* ", text, re.M):
        errors.append(f"{page}.md does not say that {secret} is a secret")
if methods < 20:
    errors.append(f"only {methods} methods were found in proto/: this check is broken")

reasons = re.findall(r"^  ([A-Z][A-Z0-9_]+) = [1-9]",
                     (root / "proto/clinicd/type/v1/error_reason.proto").read_text(), re.M)
listed = re.findall(r"^## (\w+)$", (out / "reference/errors.md").read_text(), re.M)
if reasons != listed:
    errors.append(f"errors.md lists {set(reasons) ^ set(listed)} wrongly")

for page in (out / "reference").glob("*.md"):
    for target, anchor in re.findall(r"\]\((\w+\.md)?(?:#([\w-]+))?\)", page.read_text()):
        other = out / "reference" / (target or page.name)
        heads = re.findall(r"^#+ \[?([\w.]+)", other.read_text(), re.M) if other.exists() else []
        if anchor and anchor not in {head.lower().replace(".", "") for head in heads}:
            errors.append(f"{page.name} links to {target}#{anchor}, which is not there")

for file in ("clinicd-api.binpb", "python/clinicd/py.typed",
             "python/clinicd/patients/v1/patient_service_pb2.pyi",
             "typescript/src/gen/clinicd/patients/v1/patient_service_pb.ts"):
    if not (out / file).is_file():
        errors.append(f"{file} was not generated")

for error in errors:
    print(f"sdk_generation.sh: {error}", file=sys.stderr)
sys.exit(1 if errors else 0)
EOF
