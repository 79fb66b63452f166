"""Makes the package `clinicd` importable for programs that run from the source tree.

It is taken from $CLINICD_PYTHON_PACKAGE, or generated into build/sdk/python if that is missing or
older than its sources. Programs elsewhere install the package instead.
"""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def _package():
    given = os.environ.get("CLINICD_PYTHON_PACKAGE")
    if given:
        return given
    out = ROOT / "build" / "sdk"
    made = out / "python" / "pyproject.toml"
    sources = [*(ROOT / "proto").rglob("*.proto"), *ROOT.glob("clients/python/clinicd/*.py")]
    if not made.exists() or made.stat().st_mtime < max(path.stat().st_mtime for path in sources):
        subprocess.run([ROOT / "clients" / "generate.sh", out, "python"], check=True)
    return str(out / "python")


sys.path.insert(0, _package())
try:
    import grpc  # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
except ImportError:
    sys.exit("python3-grpcio is missing: run deploy/setup.sh run, and use /usr/bin/python3.")
