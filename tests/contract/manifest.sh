#!/bin/bash
# Holds third_party/manifest.json to what its readers rely on: it is JSON, one dependency a line,
# complete; its npm packages and versions are those of the package.json files; no lock names an address.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../../deploy/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/lib.sh"

/usr/bin/python3 - "$root" <<'EOF'
import json
import pathlib
import subprocess
import sys

root = pathlib.Path(sys.argv[1])
third_party = root / "third_party"
text = (third_party / "manifest.json").read_text()
dependencies = json.loads(text)["dependencies"]
errors = []

kinds = ["build", "run", "test", "lint", "fresh", "bench"]
for dependency in dependencies:
    name = dependency.get("name", "a dependency without name")
    for field in ("version", "licence", "why"):
        if not dependency.get(field):
            errors.append(f"{name} has no {field}")
    if dependency.get("for") not in kinds:
        errors.append(f"{name}: 'for' is none of {kinds}")
    if ("apt" in dependency) == ("npm" in dependency):
        errors.append(f"{name} needs either apt or npm packages")
    unknown = set(dependency) - {"name", "version", "licence", "why", "for", "apt", "npm", "unless"}
    if unknown:
        errors.append(f"{name} has unknown fields {sorted(unknown)}")

# The line reader of setup.sh must see the same packages as a JSON reader. Node.js is left out of
# the comparison, because setup.sh leaves it out where the machine has it.
for kind in kinds:
    listed = subprocess.run(
        [root / "deploy/setup.sh", "--list", kind], check=True, capture_output=True, text=True
    ).stdout.split()
    wanted = [
        package
        for dependency in dependencies
        if dependency["for"] == kind and "unless" not in dependency
        for package in dependency.get("apt", [])
    ]
    if [package for package in listed if package not in ("nodejs", "npm")] != wanted:
        errors.append(f"setup.sh reads {listed} for {kind}, the manifest says {wanted}")


def asked_by(folder):
    package = json.loads((folder / "package.json").read_text())
    return package["dependencies"] | package["optionalDependencies"]


def named_for(*wanted):
    return {
        npm: dependency["version"]
        for dependency in dependencies
        if dependency["for"] in wanted
        for npm in dependency.get("npm", [])
    }


asked, named = asked_by(third_party), named_for(*(set(kinds) - {"bench"}))
if asked != named:
    errors.append(f"package.json asks for {asked}, the manifest names {named}")
# What is built with may be compared with as well, in the same version.
peers = root / "tests/bench/peers"
asked = asked_by(peers)
named = named_for("bench") | {npm: version for npm, version in named.items() if npm in asked}
if asked != named:
    errors.append(f"package.json of the peers asks for {asked}, the manifest names {named}")

for folder in (third_party, peers):
    name = (folder / "package-lock.json").relative_to(root)
    lock = json.loads((root / name).read_text())
    # Where a package asks for donations is the one address that npm writes and never reads.
    fetched = {
        place: {field: value for field, value in entry.items() if field != "funding"}
        for place, entry in lock["packages"].items()
    }
    if "://" in json.dumps(fetched) or '"resolved"' in json.dumps(fetched):
        errors.append(f"{name} names an address; keep omit-lockfile-registry-resolved in .npmrc")
    for place, entry in lock["packages"].items():
        if place and "integrity" not in entry:
            errors.append(f"{name} holds no hash of {place}")

for error in errors:
    print(f"manifest.sh: {error}", file=sys.stderr)
sys.exit(1 if errors else 0)
EOF
