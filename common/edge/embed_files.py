#!/usr/bin/python3
"""Writes a folder of files down as C++: what the server serves below "/"."""

import argparse
import hashlib
import pathlib
import re

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
# "app.3f9c2b1d.js", "index-BqK3f9aX.js": names that bundlers make from the content.
HASHED = re.compile(r"[.-][0-9A-Za-z_-]{8,}\.[0-9a-z]+$")
BYTES_A_LINE = 24


def literal(data: bytes) -> str:
    lines = []
    for at in range(0, len(data), BYTES_A_LINE):
        lines.append('    "' + "".join(f"\\{byte:03o}" for byte in data[at:at + BYTES_A_LINE]) + '"')
    return "\n".join(lines) or '    ""'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--function", required=True, help="name of the function that is written")
    parser.add_argument("--hashed", action="store_true", help="names contain hashes of the content")
    arguments = parser.parse_args()

    entries = []
    contents = []
    for path in sorted(p for p in arguments.root.rglob("*") if p.is_file()):
        data = path.read_bytes()
        name = "/" + path.relative_to(arguments.root).as_posix()
        immutable = arguments.hashed and HASHED.search(path.name) is not None
        contents.append(f"constexpr char kFile{len(contents)}[] =\n{literal(data)};\n")
        entries.append(
            f'    {{.path = "{name}",\n     .content_type = "{TYPES[path.suffix]}",\n'
            f'     .hash = "{hashlib.sha256(data).hexdigest()[:32]}",\n'
            f"     .immutable = {str(immutable).lower()},\n"
            f"     .bytes = {{kFile{len(entries)}, sizeof(kFile{len(entries)}) - 1}}}},\n")
    arguments.out.write_text(
        '#include <array>\n#include <span>\n\n#include "common/edge/static_root.h"\n\n'
        "namespace clinicd::edge {\n"
        "namespace {\n\n"
        + "\n".join(contents)
        + f"\nconstexpr std::array<StaticFile, {len(entries)}> kFiles = {{{{\n"
        + "".join(entries)
        + "}};\n\n}  // namespace\n\n"
        + f"std::span<const StaticFile> {arguments.function}() {{ return kFiles; }}\n\n"
        + "}  // namespace clinicd::edge\n")


if __name__ == "__main__":
    main()
