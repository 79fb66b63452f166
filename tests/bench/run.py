#!/usr/bin/python3
"""Takes the figures of README.md: interleaved rounds of clinicd and what it is compared with, on one
PostgreSQL, with the client on the same cores. Results go to OUT.json and OUT.md.

  run.py --data DIR            all but scale and peers; loads DIR first if it is empty
  run.py --data DIR --quick    fewer sections, one or two short rounds
  run.py --data DIR --only ratios,idle
"""
import argparse
import json
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
from benchlib import machine, report, sections
from benchlib.server import Bench, Failure

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def shape_of(options):
    shape = ["--clinics", str(options.clinics), "--patients", str(options.patients),
             "--appointments", str(options.appointments)]
    return shape + (["--big-clinic"] if options.big_clinic else [])


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(SOURCE, "build", "release"))
    parser.add_argument("--data", required=True, help="kept; loaded when it is empty")
    parser.add_argument("--out", default="bench", help="OUT.json and OUT.md")
    parser.add_argument("--clinics", type=int, default=1000)
    parser.add_argument("--patients", type=int, default=500)
    parser.add_argument("--appointments", type=int, default=5000)
    parser.add_argument("--no-big-clinic", dest="big_clinic", action="store_false")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="", help="sections, separated by commas")
    parser.add_argument("--busy", action="store_true",
                        help="measure though the machine does other things, and keep every round")
    parser.add_argument("--scale-data", default="", help="directory for the datasets of `scale`")
    return parser.parse_args()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def check_machine(options):
    load = machine.load()
    if load <= 0.5:
        return
    text = f"the machine is busy: load {load:.1f}"
    if not options.busy:
        raise Failure(text + "; --busy measures nevertheless")
    print("warning: " + text, file=sys.stderr)


def main():
    options = parse()
    plan = sections.Plan(quick=options.quick, busy=options.busy,
                         scale_data=options.scale_data or options.data + "-scale")
    wanted = [name for name in options.only.split(",") if name] or sections.default(options.quick)
    unknown = set(wanted) - set(sections.ALL)
    if unknown:
        raise Failure(f"no section {', '.join(sorted(unknown))}; there are {', '.join(sections.ALL)}")
    check_machine(options)
    begin = time.time()
    stolen_before, all_before = machine.stolen()
    result = {"machine": machine.facts(SOURCE), "command": " ".join(sys.argv), "load": machine.load(),
              "began": time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime()), "sections": {}}
    failed = []
    with tempfile.TemporaryDirectory(prefix="clinicbench-") as work:
        bench = Bench(options.build, options.data, work, shape_of(options))
        for name in wanted:
            print(f"== {name}", file=sys.stderr, flush=True)
            try:
                result["sections"][name] = sections.ALL[name](bench, plan)
            except Failure as failure:
                result["sections"][name] = {"failure": str(failure)}
                failed.append(name)
                print(f"{name}: {failure}", file=sys.stderr, flush=True)
            # What was measured stays, whatever becomes of the rest.
            write(options.out + ".json", json.dumps(result, indent=1) + "\n")
    stolen, total = machine.stolen()
    result["steal_percent"] = 100 * (stolen - stolen_before) / max(1, total - all_before)
    result["seconds"] = round(time.time() - begin)
    write(options.out + ".json", json.dumps(result, indent=1) + "\n")
    text = report.markdown(result)
    write(options.out + ".md", text)
    print(text)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as error:
        sys.exit(f"run.py: {error}")
