"""The server under measurement, and the programs that load it."""
import contextlib
import json
import os
import re
import socket
import subprocess
import time
import urllib.request

from . import machine


class Failure(Exception):
    """What ends the run."""


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Server:
    """bench_server on a data directory. One at a time."""

    def __init__(self, bench, flags=(), arrivals=0):
        self.bench = bench
        self.port = free_port()
        self.facts_file = os.path.join(bench.work, "facts.json")
        command = [bench.program("bench_server"), "--data", bench.data, *bench.shape,
                   "--arrivals", str(arrivals), "--admin-port", str(self.port), *flags]
        self.log = open(os.path.join(bench.work, "server.log"), "a", encoding="utf-8")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            raise Failure(f"the server did not start; see {self.log.name}")
        self.facts = json.loads(line)
        with open(self.facts_file, "w", encoding="utf-8") as file:
            file.write(line)
        self.dataset = self.facts["dataset"]
        self.arrivals = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.log.close()

    def _psql(self):
        """The program as superuser, and its environment."""
        with open(self.facts["admin_password_file"], encoding="utf-8") as file:
            password = file.readline().strip()
        return (["/usr/bin/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", self.facts["admin_socket"],
                 "-U", "postgres", "clinicd"], {**os.environ, "PGPASSWORD": password})

    @contextlib.contextmanager
    def sealer_held(self):
        """Nothing is sealed meanwhile: it is as if another sealer were at work."""
        command, environment = self._psql()
        with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True) as holder:
            holder.stdin.write("BEGIN; SELECT 'held' FROM clinicd.audit_sealer FOR UPDATE;\n")
            holder.stdin.flush()
            if holder.stdout.readline().strip() != "held":
                raise Failure("the sealer's row could not be locked")
            yield
            holder.stdin.close()

    def sql(self, text):
        command, environment = self._psql()
        done = subprocess.run([*command, "-c", text], env=environment, capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise Failure(done.stderr)
        return done.stdout.strip()

    def free_day(self):
        """The first day on which nothing is booked in any clinic, the big one's past included."""
        return self.sql(
            "SELECT greatest(date '2030-01-01', max(latest.starts_at)::date + 2) FROM clinicd.clinics, "
            "LATERAL (SELECT starts_at FROM clinicd.appointments WHERE clinic_id = clinics.id "
            "ORDER BY starts_at DESC LIMIT 1) AS latest")

    def processor_ticks(self):
        """Of clinicd, and of PostgreSQL with all its processes."""
        postmaster = self.facts["postmaster"]

        def ended():
            return machine.ticks(postmaster, children_too=True)
        # A process that ends between two looks would be in neither: look until nothing changes.
        for _ in range(100):
            before, running = ended(), machine.children(postmaster)
            postgres = before + sum(map(machine.ticks, running))
            if set(machine.children(postmaster)) == set(running) and ended() - before <= 1:
                break
            time.sleep(0.01)
        return machine.ticks(self.facts["pid"]), postgres

    def round_trips(self):
        """Round trips to the database and calls so far, of each method."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as page:
            text = page.read().decode()
        found = {}
        pattern = r'^clinicd_call_db_round_trips_(sum|count)\{method="([^"]*)"\} (\S+)'
        for kind, method, value in re.findall(pattern, text, re.M):
            found.setdefault(method, {})[kind] = float(value)
        return found


class Peer:
    """One peer of peers/start.sh, on the database of a server."""

    def __init__(self, bench, server, name, *flags):
        self.file = os.path.join(bench.work, f"peer-{name}{len(flags)}.json")
        start = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers", "start.sh")
        self.process = subprocess.Popen(
            [start, name, "--facts", server.facts_file, "--clinics", "all", "--build", bench.build, *flags],
            stdout=subprocess.PIPE, stderr=server.log, text=True)
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            raise Failure(f"{name} did not start; see {server.log.name}")
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(line)
        self.ready = json.loads(line)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def _go_first():
    """Has this process run before all others that want its core; as it is where that is not allowed."""
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))


class Bench:
    """Where things are, and how one cell is measured."""

    def __init__(self, build, data, work, shape):
        self.build = build
        self.data = data
        self.work = work
        self.shape = shape

    def program(self, name):
        return os.path.join(self.build, "tests", name)

    def command(self, server, workload, *flags, access_rows=True):
        command = [self.program("clinicbench"), "--facts", server.facts_file, "--workload", workload]
        if not access_rows:
            command.append("--no-access-rows")
        return [*command, *flags]

    def begin(self, server, workload, *flags, access_rows=True, punctual=False):
        """Starts clinicbench, to be handed to end(). A punctual one is never late for want of a core."""
        more = list(flags)
        if workload in ("W4", "W8", "hot_day", "keys"):
            more += ["--booking-day", server.free_day()]
        if workload in ("W6", "W8"):
            more += ["--first-arrival", str(server.arrivals)]
        command = self.command(server, workload, "run", *more, access_rows=access_rows)
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                preexec_fn=_go_first if punctual else None)

    @staticmethod
    def end(server, process):
        out, error = process.communicate()
        if process.returncode != 0:
            raise Failure(error.strip())
        figures = json.loads(out)
        server.arrivals = max(server.arrivals, figures["arrivals"])
        return figures

    def cell(self, server, workload, *flags, access_rows=True, punctual=False):
        """One cell: what clinicbench says, and the processor time of a call on the other side."""
        clinicd, postgres = server.processor_ticks()
        process = self.begin(server, workload, *flags, access_rows=access_rows, punctual=punctual)
        figures = self.end(server, process)
        clinicd_after, postgres_after = server.processor_ticks()
        for name, spent in (("clinicd", clinicd_after - clinicd), ("postgres", postgres_after - postgres)):
            figures[name + "_us_per_call"] = spent / machine.TICK / max(1, figures["calls"]) * 1e6
        return figures

    def make_keys(self, server):
        """Has clinicd make the keys of those for whom is booked, as any clinic at work has them."""
        made = os.path.join(self.data, "keys-made")
        if os.path.exists(made):
            return
        limits = ["--seconds", "600", "--warm-up", "0"]
        # One call makes the key of its clinic; others at that moment would be told to come again.
        self.cell(server, "keys", "--calls", str(server.dataset["clinics"]), "--streams", "1", *limits)
        self.cell(server, "keys", "--streams", "32", *limits)
        with open(made, "w", encoding="utf-8"):
            pass

    def pgbench(self, server, workload, mode, seconds, clients, keys, access_rows=True):
        """Transactions a second of pgbench."""
        flags = ["script"] + (["--pipelined"] if mode == "pipelined" else [])
        script = os.path.join(self.work, "pgbench.sql")
        command = self.command(server, workload, "--keys", keys, *flags, access_rows=access_rows)
        with open(script, "w", encoding="utf-8") as file:
            subprocess.run(command, stdout=file, check=True)
        protocol = "simple" if mode == "simple" else "prepared"
        done = subprocess.run(
            ["/usr/bin/pgbench", "-n", "-M", protocol, "-c", str(clients), "-j", "1", "-T",
             str(max(1, round(seconds))), "-f", script, server.facts["database"]],
            capture_output=True, text=True, check=False)
        tps = re.search(r"^tps = ([\d.]+)", done.stdout, re.M)
        if done.returncode != 0 or not tps:
            raise Failure(done.stderr[-500:])
        return float(tps.group(1))

    def h2load(self, server, seconds, clients, streams, workload="W1"):
        """Calls a second of h2load, all the same call; with a Unix socket as all else here."""
        body = os.path.join(self.work, "call.bin")
        call = json.loads(subprocess.run(
            self.command(server, workload, "call", "--body", body), capture_output=True, text=True,
            check=True).stdout)
        done = subprocess.run(
            ["h2load", "-c", str(clients), "-m", str(streams), "-D", str(max(1, round(seconds))),
             "--warm-up-time=1", "-d", body, "-H", "content-type: application/grpc", "-H",
             "te: trailers", "-H", f"authorization: Bearer {call['token']}",
             "-B", server.facts["target"], "http://localhost" + call["path"]],
            capture_output=True, text=True, check=False)
        rate = re.search(r"finished in [^,]*, ([\d.]+) req/s", done.stdout)
        good = re.search(r"(\d+) total, .* (\d+) succeeded, (\d+) failed", done.stdout)
        if done.returncode != 0 or not rate or not good or int(good.group(3)):
            raise Failure("h2load: " + (done.stderr or done.stdout)[-500:])
        return float(rate.group(1))

