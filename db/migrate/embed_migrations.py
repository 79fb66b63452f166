#!/usr/bin/python3
"""Writes the bootstrap scripts and the migrations into a C++ source.

Refuses file names that are not NNNN_verb_object.sql, gaps in the numbers, a header without one of
its parts, and statements that would end the transaction the runner opens.
"""

import argparse
import pathlib
import re
import sys

HEADER = ("-- Purpose:", "-- Locks:", "-- Data:", "-- Roll back:")
NO_TRANSACTION = "-- clinicd: no transaction\n"
ENDS_TRANSACTION = re.compile(
    r"^\s*(BEGIN|START\s+TRANSACTION|COMMIT|END|ROLLBACK|ABORT)\s*;", re.I | re.M
)
DELIMITER = "clinicd"


def problems_of(path: pathlib.Path, expected: int) -> list[str]:
    text = path.read_text(encoding="utf-8")
    found = []
    name = re.fullmatch(r"(\d{4})_[a-z]+_[a-z0-9_]+\.sql", path.name)
    if not name:
        found.append("the name is not NNNN_verb_object.sql")
    elif int(name[1]) != expected:
        found.append(f"the number {expected:04d} was expected here, without gaps or repeats")
    for part in HEADER:
        if part not in text:
            found.append(f"the header lacks '{part}'")
    # PL/pgSQL blocks end with END; in dollar quotes, which are none of the runner's business.
    outside = re.sub(r"\$(\w*)\$.*?\$\1\$", "", text, flags=re.S)
    if not text.startswith(NO_TRANSACTION) and ENDS_TRANSACTION.search(outside):
        found.append("the runner opens and ends the transaction, the file may not")
    return [f"{path}: {problem}" for problem in found]


def literal(path: pathlib.Path) -> str:
    text = path.read_text(encoding="utf-8")
    if f'){DELIMITER}"' in text:
        sys.exit(f'{path}: contains ){DELIMITER}", which ends the literal it is embedded in')
    return f'R"{DELIMITER}({text}){DELIMITER}"'


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--bootstrap", type=pathlib.Path, required=True)
    parser.add_argument("--bootstrap-database", type=pathlib.Path, required=True)
    parser.add_argument("migrations", type=pathlib.Path, nargs="+")
    arguments = parser.parse_args()
    migrations = sorted(arguments.migrations, key=lambda path: path.name)

    problems = [
        problem
        for number, path in enumerate(migrations, start=1)
        for problem in problems_of(path, number)
    ]
    if problems:
        sys.exit("\n".join(problems))

    lines = ['#include "db/migrate/embedded_sql.h"\n', "namespace clinicd::db {", "namespace {\n"]
    lines.append("constexpr EmbeddedFile kMigrations[] = {")
    for path in migrations:
        lines.append(f'    {{"{path.name}", {literal(path)}}},')
    lines += ["};\n", "}  // namespace\n"]
    lines.append("std::span<const EmbeddedFile> EmbeddedMigrationFiles() { return kMigrations; }\n")
    lines.append(f"std::string_view BootstrapSql() {{ return {literal(arguments.bootstrap)}; }}\n")
    lines.append("std::string_view BootstrapDatabaseSql() {")
    lines.append(f"  return {literal(arguments.bootstrap_database)};\n}}\n")
    lines.append("}  // namespace clinicd::db\n")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text("\n".join(lines), encoding="utf-8")


main()
