#!/usr/bin/python3
"""A hundred calls of every workload on small clinics, with every answer checked; times do not
matter. Usage: smoke.py BUILD_DIR"""
import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
from benchlib.server import Bench, Failure, Server

CALLS = 100
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
    ways = {"grpc": ("W0", "W1", "W2", "W3", "W4", "W6", "W7", "W8", "hot_day"), "edge": ("W1", "W4")}
    for driver, workloads in ways.items():
        for workload in workloads:
            figures = calls(bench, server, workload, "--driver", driver, "--conflicts", "0.3")
            expect(workload != "W4" or figures["taken"] > 0, "no booking of a taken time")
    modes = {"simple": ("W1",), "prepared": ("W1", "W2", "W3", "W4", "W6"), "pipelined": ("W1", "W6")}
    for mode, workloads in modes.items():
        for workload in workloads:
            calls(bench, server, workload, "--driver", "libpq", "--mode", mode, "--conflicts", "0.3")
    for workload in ("W1", "W2", "W3"):
        calls(bench, server, workload, "--driver", "libpq", "--pgbench-alike")
    calls(bench, server, "W1", "--driver", "libpq", "--mode", "pipelined", "--unbound", "--no-context")


def open_loop(bench, server):
    for driver in ("grpc", "libpq"):
        figures = calls(bench, server, "W1", "--driver", driver, "--rate", "400", "--streams", "64")
        expect(figures["sent"] == CALLS, "calls were lost")
        expect(figures["latency"]["max_us"] >= figures["service"]["p50_us"], "latency before sending")


class Peer(http.server.BaseHTTPRequestHandler):
    """Knows every patient of the clinic of the token; of a broken one it is the next clinic's."""
    protocol_version = "HTTP/1.1"
    broken = False

    def do_GET(self):  # pylint: disable=invalid-name
        patient = re.search(r"eq\.(\S+)", self.path).group(1)
        clinic = int(self.headers["authorization"].rsplit("c", 1)[1]) + self.broken
        name = f"N{int(patient.rsplit('-', 1)[1], 16)}c{clinic}"
        body = json.dumps([{"id": patient, "given_name": name}]).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


def peer_over_http(bench, server):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peer) as web:
        # A run that ends leaves connections behind.
        web.handle_error = lambda *_: None
        web.daemon_threads = True
        threading.Thread(target=web.serve_forever, daemon=True).start()
        file = os.path.join(bench.work, "peer.json")
        tokens = {f"00000000-0000-0000-0000-{0x3000000 + n:012x}": f"c{n}" for n in (1, 2, 3)}
        with open(file, "w", encoding="utf-8") as out:
            json.dump({"kind": "http", "target": f"http://127.0.0.1:{web.server_port}",
                       "tokens": tokens, "paths": {"W7": {"path": "/patients?id=eq.{patient}"}}}, out)
        calls(bench, server, "W7", "--peer", file, "--streams", "4")
        Peer.broken = True
        refused(bench, server, server.facts, "W7", "--peer", file, "--streams", "4")
        web.shutdown()


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
            for check in (every_workload, open_loop, wrong_answers, peer_over_http):
                check(bench, server)
            trips = server.round_trips()["clinicd.patients.v1.PatientService/GetPatient"]
            expect(trips["sum"] == trips["count"], "a read of more than one round trip")


if __name__ == "__main__":
    try:
        main()
    except Failure as error:
        sys.exit(f"smoke.py: {error}")
