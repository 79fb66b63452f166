"""Embeds the query files of one area as constants of type clinicd::db::Query.

A query file begins with `-- @returns one|optional|many|count` and `-- @params a, b` (none: `-- @params`),
and, where the statement does not name a clinic, `-- @global <reason>`. Comments do not reach the
database. The build stops, naming file and rule, when
  * the header disagrees with the parameters that the statement uses,
  * the statement does not use :clinic_id and is not @global,
  * there is more than one statement, or SELECT *.
"""
import argparse
import os
import re
import sys


def fail(path, message):
    sys.exit(f"{path}: {message}")


def read(path):
    header, lines = {}, []
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            match = re.match(r"\s*--\s*@(\w+)\b(.*)$", line)
            if match:
                header[match.group(1)] = match.group(2).strip()
            elif not re.match(r"\s*--", line):
                if "--" in line:
                    fail(path, "a comment must have a line of its own")
                lines.append(line.strip())
    return header, re.sub(r"\s+", " ", " ".join(lines)).strip()


def parameters(sql):
    """Names in the order of first use, string literals and casts left out."""
    bare = re.sub(r"'(?:[^']|'')*'", "''", sql)
    found = re.findall(r"(?<![:\w]):([a-z_][a-z0-9_]*)", bare)
    return list(dict.fromkeys(found))


def check(path, header, sql):
    returns = header.get("returns")
    if returns not in ("one", "optional", "many", "count"):
        fail(path, "the header needs `-- @returns one|optional|many|count`")
    if "params" not in header:
        fail(path, "the header needs `-- @params`")
    declared = [name.strip() for name in header["params"].split(",") if name.strip()]
    used = parameters(sql)
    is_global = "global" in header
    if is_global and not header["global"]:
        fail(path, "`-- @global` needs a reason")
    if is_global == ("clinic_id" in used):
        fail(path, "the statement must use :clinic_id, or say `-- @global <reason>`, not both")
    if "clinic_id" in declared:
        fail(path, "clinic_id is bound by the transaction; leave it out of @params")
    used = [name for name in used if name != "clinic_id"]
    if set(declared) != set(used):
        fail(path, f"@params says {sorted(declared)}, the statement uses {sorted(used)}")
    if ";" in re.sub(r"'(?:[^']|'')*'", "", sql):
        fail(path, "one statement a file, without a semicolon")
    if re.search(r"\b(SELECT|RETURNING)\s+\*", sql):
        fail(path, "name the columns; no *")
    return returns, used, is_global


def constant(name):
    return "k" + "".join(part.capitalize() for part in name.split("_"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--area", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    area = arguments.area

    declarations, definitions, names = [], [], []
    for path in sorted(arguments.files):
        name = os.path.splitext(os.path.basename(path))[0]
        header, sql = read(path)
        returns, used, is_global = check(path, header, sql)
        k = constant(name)
        names.append(k)
        declarations.append(f"extern const db::Query {k};")
        parameter_list = ", ".join(f'"{parameter}"' for parameter in used)
        if used:
            definitions.append(f"constexpr std::string_view {k}Parameters[] = {{{parameter_list}}};")
        definitions.append(
            f'const db::Query {k}{{"{area}/{name}", R"sql({sql})sql", '
            f"db::Cardinality::k{returns.capitalize()}, "
            f"{k + 'Parameters' if used else '{}'}, {'true' if is_global else 'false'}}};"
        )

    os.makedirs(arguments.out, exist_ok=True)
    with open(os.path.join(arguments.out, area + ".h"), "w", encoding="utf-8") as file:
        file.write(
            f"// Generated from db/queries/{area}.\n#pragma once\n\n#include <span>\n\n"
            '#include "db/access/query.h"\n\nnamespace clinicd::sql {\n\n'
            + "\n".join(declarations)
            + f"\n\n}}  // namespace clinicd::sql\n\nnamespace clinicd::sql::{area} {{\n\n"
            + "// Every query of the area.\nstd::span<const db::Query* const> AllQueries();\n\n"
            + f"}}  // namespace clinicd::sql::{area}\n"
        )
    with open(os.path.join(arguments.out, area + ".cc"), "w", encoding="utf-8") as file:
        file.write(
            f'#include "db/queries/{area}.h"\n\nnamespace clinicd::sql {{\n\n'
            + "\n".join(definitions)
            + f"\n\nstd::span<const db::Query* const> {area}::AllQueries() {{\n"
            + "  static const db::Query* const queries[] = {"
            + ", ".join("&" + k for k in names)
            + "};\n  return queries;\n}\n\n}  // namespace clinicd::sql\n"
        )


main()
