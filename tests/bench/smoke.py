#!/usr/bin/python3
"""Some hundred calls of every workload on small clinics, with every answer checked; times do not
matter. Usage: smoke.py BUILD_DIR"""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
from benchlib.server import Bench, Failure, Server

CALLS = 200
FEW = ["--calls", str(CALLS), "--warm-up", "0", "--seconds", "60"]


def expect(condition, text):
    if not condition:
        raise Failure(text)


def calls(bench, server, workload, *flags):
    figures = bench.cell(server, workload, *FEW, *flags)
    made = figures["right"] + figures["taken"]
    expect(made == figures["calls"] == CALLS, f"{workload} {flags}: {made} of {figures['calls']} calls")
    return figures


def every_workload(bench, server):
    bench.make_keys(server)
    for driver in ("grpc", "edge"):
        for workload in ("W0", "W1", "W2", "W3", "W4", "W6", "W7", "W8", "hot_day"):
            figures = calls(bench, server, workload, "--driver", driver, "--conflicts", "0.3")
            expect(workload != "W4" or figures["taken"] > 0, "no booking of a taken time")
    for mode in ("simple", "prepared", "pipelined"):
        for workload in ("W1", "W2", "W3", "W6") + (() if mode == "pipelined" else ("W4",)):
            calls(bench, server, workload, "--driver", "libpq", "--mode", mode, "--conflicts", "0.3")
    for workload in ("W1", "W2", "W3"):
        calls(bench, server, workload, "--driver", "libpq", "--pgbench-alike")
    calls(bench, server, "W1", "--driver", "libpq", "--mode", "pipelined", "--unbound", "--no-context")


def open_loop(bench, server):
    for driver in ("grpc", "libpq"):
        figures = calls(bench, server, "W1", "--driver", driver, "--rate", "400", "--streams", "64")
        expect(figures["sent"] == CALLS, "calls were lost")
        expect(figures["latency"]["max_us"] >= figures["service"]["p50_us"], "latency before sending")


def refused(bench, server, facts, *flags):
    """What ends a run with an error must do so."""
    changed = os.path.join(bench.work, "changed.json")
    with open(changed, "w", encoding="utf-8") as file:
        json.dump(facts, file)
    command = bench.command(server, *flags[:1], "run", *FEW, *flags[1:])
    command[command.index(server.facts_file)] = changed
    done = subprocess.run(command, capture_output=True, check=False)
    expect(done.returncode != 0, f"{flags} should have failed")


def wrong_answers(bench, server):
    facts = json.loads(json.dumps(server.facts))
    facts["dataset"]["first_day"] = "1990-01-01"
    refused(bench, server, facts, "W2")
    refused(bench, server, facts, "W2", "--driver", "libpq")
    facts = json.loads(json.dumps(server.facts))
    facts["dataset"]["patients"] += 1000
    refused(bench, server, facts, "W1", "--keys", "uniform")
    refused(bench, server, facts, "W1", "--keys", "uniform", "--driver", "libpq")
    refused(bench, server, server.facts, "W5")


def main():
    with tempfile.TemporaryDirectory(prefix="clinicbench-") as work:
        os.chmod(work, 0o755)
        bench = Bench(sys.argv[1], os.path.join(work, "data"), work,
                      ["--clinics", "3", "--patients", "40", "--appointments", "200",
                       "--shared-buffers", "64MB"])
        with Server(bench, arrivals=800) as server:
            for check in (every_workload, open_loop, wrong_answers):
                check(bench, server)
            trips = server.round_trips()["clinicd.patients.v1.PatientService/GetPatient"]
            expect(trips["sum"] == trips["count"], "a read of more than one round trip")


if __name__ == "__main__":
    try:
        main()
    except Failure as error:
        sys.exit(f"smoke.py: {error}")
