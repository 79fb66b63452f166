#!/usr/bin/python3
"""Writes text files into a C++ source, each as one function: embed_files.py OUT Name=FILE ..."""
import pathlib
import sys

out = pathlib.Path(sys.argv[1])
lines = ['#include "db/isolation/embedded_text.h"\n', "namespace clinicd::db {\n"]
for pair in sys.argv[2:]:
    name, path = pair.split("=", 1)
    text = pathlib.Path(path).read_text(encoding="utf-8")
    if ')clinicd"' in text:
        sys.exit(f"{path}: contains the end of the literal that it is embedded in")
    lines.append(f'std::string_view {name}() {{\n  return R"clinicd({text})clinicd";\n}}\n')
lines.append("}  // namespace clinicd::db\n")
out.parent.mkdir(parents=True, exist_ok=True)
out.write_text("\n".join(lines), encoding="utf-8")
