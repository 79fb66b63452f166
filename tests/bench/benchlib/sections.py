"""The figures, one function each: takes the bench and the plan, returns what goes into the report."""
from .machine import TICK
from .rounds import interleave, summary
from .server import Bench, Failure, Peer, Server

STREAMS = 16
CONNECTIONS = 8
# Events a second, of which 99 % are to be sealed within 2 s.
SEALED_RATE = 500


class Plan:
    """How long and how often."""

    def __init__(self, quick, busy, scale_data):
        self.quick = quick
        self.busy = busy
        self.scale_data = scale_data
        self.rounds = 2 if quick else 5
        self.few = 1 if quick else 3
        self.seconds = 1 if quick else 4
        self.warm_up = 0.5 if quick else 1
        self.idle_seconds = 10 if quick else 120

    def time(self, factor=1):
        return ["--seconds", str(self.seconds * factor), "--warm-up", str(self.warm_up)]


def rate_of(figures):
    return figures["calls_per_second"]


def grpc(bench, server, plan, workload, *flags, driver="grpc", access_rows=True, factor=1,
         punctual=False):
    streams = [] if "--streams" in flags else ["--streams", str(STREAMS)]
    return bench.cell(server, workload, "--driver", driver, *streams, *plan.time(factor), *flags,
                      access_rows=access_rows, punctual=punctual)


def libpq(bench, server, plan, workload, mode, *flags, access_rows=True):
    return bench.cell(server, workload, "--driver", "libpq", "--mode", mode, "--streams",
                      str(CONNECTIONS), *plan.time(), *flags, access_rows=access_rows)


def empty(bench, plan):
    """W0: what a call costs that needs no database."""
    with Server(bench) as server:
        return {driver: grpc(bench, server, plan, "W0", driver=driver) for driver in ("grpc", "edge")}


def _against_libpq(bench, server, plan, workload, access_rows, pipelined=True):
    last = {}

    def ours(driver):
        last[driver] = grpc(bench, server, plan, workload, driver=driver, access_rows=access_rows)
        return rate_of(last[driver])

    def theirs(mode):
        last[mode] = libpq(bench, server, plan, workload, mode, access_rows=access_rows)
        return rate_of(last[mode])

    others = {"clinicd": lambda: ours("grpc"), "edge": lambda: ours("edge")}
    if pipelined:
        others["pipelined"] = lambda: theirs("pipelined")
    before = server.round_trips()
    result = interleave(plan, lambda: theirs("prepared"), others)
    result["last_cells"] = last
    result["round_trips"] = trips_between(before, server.round_trips())
    return result


def trips_between(before, after):
    """Round trips to the database of a call, by method, between two looks."""
    trips = {}
    for method, now in after.items():
        then = before.get(method, {"sum": 0.0, "count": 0.0})
        calls = now["count"] - then["count"]
        if calls > 0:
            trips[method.rsplit("/", 1)[-1]] = (now["sum"] - then["sum"]) / calls
    return trips


def ratios(bench, plan):
    """clinicd against the same statements over libpq."""
    found = {}
    with Server(bench, ["--no-access-rows"]) as server:
        for workload in ("W1", "W2", "W3"):
            found[workload] = _against_libpq(bench, server, plan, workload, access_rows=False)
    with Server(bench) as server:
        for workload in ("W7", "W2"):
            name = "W2, access row" if workload == "W2" else workload
            found[name] = _against_libpq(bench, server, plan, workload, access_rows=True)
    arrivals = 40 if plan.quick else 400
    with Server(bench, arrivals=arrivals) as server:
        bench.make_keys(server)
        server.sql("CHECKPOINT")
        for workload in ("W4", "W6"):
            found[workload] = _against_libpq(bench, server, plan, workload, access_rows=True,
                                             pipelined=False)
    return found


PEERS = ("postgrest", "node-postgres", "node-pg", "node-drizzle")


def _beside_peers(bench, server, plan, names, workload, access_rows):
    flags = [] if access_rows else ["--access-rows", "off"]
    started = {}
    try:
        for name in names:
            http = name == "postgrest"
            started[name] = Peer(bench, server, name, *([] if http else ["--processes", "2", *flags]))

        def rate(*more):
            return rate_of(grpc(bench, server, plan, workload, *more, access_rows=access_rows))

        # Their connections are dealt out to their processes, so that they need several.
        others = {name: lambda file=peer.file: rate("--peer", file, "--channels", "4")
                  for name, peer in started.items()}
        others["clinicd"] = lambda: rate("--channels", "4")
        found = interleave(plan, lambda: rate_of(
            libpq(bench, server, plan, workload, "prepared", access_rows=access_rows)), others)
        found["versions"] = {name: peer.ready.get("versions", peer.ready.get("postgrest"))
                             for name, peer in started.items()}
    finally:
        for peer in started.values():
            peer.stop()
    kept = [each["rates"] for each in found["rounds"] if each["kept"]]
    found["clinicd_to"] = {name: summary([rates["clinicd"] / rates[name] for rates in kept])
                           for name in names}
    return found


def peers(bench, plan):
    """clinicd against what others would build, which is held to the same work (peers/README.md)."""
    found = {}
    few = Plan(plan.quick, plan.busy, plan.scale_data)
    few.rounds = plan.few
    names = PEERS[:2] if plan.quick else PEERS
    with Server(bench, ["--no-access-rows"]) as server:
        for workload in ("W1", "W2"):
            found[workload] = _beside_peers(bench, server, few, names, workload, access_rows=False)
    with Server(bench, arrivals=40 if plan.quick else 400) as server:
        bench.make_keys(server)
        for workload in ("W7", "W4", "W6"):
            found[workload] = _beside_peers(bench, server, few, names, workload, access_rows=True)
    return found


def sweep(bench, plan):
    """W1 by calls in flight."""
    found = {}
    with Server(bench, ["--no-access-rows"]) as server:
        for streams in (1, 2, 4, 8, 16, 32, 64):
            ours = grpc(bench, server, plan, "W1", "--streams", str(streams), access_rows=False)
            found[streams] = {"clinicd": ours, "prepared": bench.cell(
                server, "W1", "--driver", "libpq", "--streams", str(min(streams, 32)), *plan.time(),
                access_rows=False)}
    return found


def edge(bench, plan):
    """Processor time of clinicd for a call through the front door, against the raw socket."""
    found = []
    with Server(bench) as server:
        for _ in range(plan.few):
            raw = grpc(bench, server, plan, "W7", "--streams", "32")
            tls = grpc(bench, server, plan, "W7", "--streams", "32", driver="edge")
            found.append({"raw_us": raw["clinicd_us_per_call"], "edge_us": tls["clinicd_us_per_call"]})
    return {"cells": found, "ratio": summary([each["edge_us"] / each["raw_us"] for each in found])}


def _open(bench, server, plan, workload, share, access_rows=True, factor=2):
    peak = rate_of(grpc(bench, server, plan, workload, access_rows=access_rows))
    figures = grpc(bench, server, plan, workload, "--rate", f"{peak * share:.1f}", "--streams", "1024",
                   access_rows=access_rows, factor=factor, punctual=True)
    return {"peak": peak, "share": share, **figures}


def latency(bench, plan):
    """Open loop: from when a call was due."""
    found = {}
    shares = (0.5,) if plan.quick else (0.25, 0.5, 0.7, 0.85)
    with Server(bench, ["--no-access-rows"]) as server:
        for workload in ("W1", "W2"):
            for share in shares if workload == "W1" else (0.5,):
                found[f"{workload} at {share:.0%}"] = _open(bench, server, plan, workload, share,
                                                            access_rows=False)
    with Server(bench, arrivals=40 if plan.quick else 100) as server:
        bench.make_keys(server)
        for workload in ("W7", "W4", "W8"):
            found[f"{workload} at 50%"] = _open(bench, server, plan, workload, 0.5)
    return found


def schedule(bench, plan):
    """A day of 12 practitioners and 408 visits, and a search of 4 weeks of 10 practitioners."""
    if "--big-clinic" not in bench.shape:
        raise Failure("needs the big clinic")
    with Server(bench) as server:
        before = server.round_trips()
        found = {workload: _open(bench, server, plan, workload, 0.5) for workload in ("diary", "slots")}
        found["round_trips"] = trips_between(before, server.round_trips())
    return found


def hot_day(bench, plan):
    """Attempts a second of 32 clients to book on one day of one clinic."""
    with Server(bench) as server:
        bench.make_keys(server)
        before = server.sql("SELECT deadlocks FROM pg_stat_database WHERE datname = 'clinicd'")
        cells = [grpc(bench, server, plan, "hot_day", "--streams", "32", "--channels", "4", factor=2)
                 for _ in range(plan.few)]
        after = server.sql("SELECT deadlocks FROM pg_stat_database WHERE datname = 'clinicd'")
    return {"rate": summary([rate_of(each) for each in cells]), "cells": cells,
            "deadlocks": int(after) - int(before)}


def tax(bench, plan):
    """What isolation costs: against a role past row-level security that sets no clinic."""
    with Server(bench, ["--no-access-rows"]) as server:
        def bound():
            return rate_of(libpq(bench, server, plan, "W1", "pipelined", access_rows=False))

        def unbound():
            return rate_of(libpq(bench, server, plan, "W1", "pipelined", "--unbound", "--no-context",
                                 access_rows=False))
        found = {"libpq": interleave(plan, unbound, {"bound": bound})}

    def clinicd(*flags):
        with Server(bench, ["--no-access-rows", *flags]) as other:
            return rate_of(grpc(bench, other, plan, "W1", access_rows=False))
    few = Plan(plan.quick, plan.busy, plan.scale_data)
    few.rounds = plan.few
    found["clinicd"] = interleave(few, lambda: clinicd("--unbound"), {"bound": clinicd})
    return found


def sealing(bench, plan):
    """Business calls while audit events are sealed, against not.

    As many as there can be; and at a rate, where the figure is one second by the mean latency.
    """
    found = {}
    few = Plan(plan.quick, plan.busy, plan.scale_data)
    few.rounds = plan.few

    def at_most(server, workload):
        return rate_of(grpc(bench, server, plan, workload, factor=2))

    def at_rate(server, workload):
        cell = grpc(bench, server, plan, workload, "--rate", str(SEALED_RATE), "--streams", "256",
                    factor=2)
        return 1e6 / cell["latency"]["mean_us"]

    for name, workload, figure in ((f"W7 at {SEALED_RATE} a second", "W7", at_rate),
                                   ("W7", "W7", at_most), ("W4", "W4", at_most)):
        # One server for both, because two of the same program differ by more than is looked for.
        with Server(bench, ["--sealing"]) as server:
            if workload == "W4":
                bench.make_keys(server)

            def sealed(server=server, workload=workload, figure=figure):
                return figure(server, workload)

            def unsealed(server=server, sealed=sealed):
                with server.sealer_held():
                    found_figure = sealed()
                    # Otherwise it would be sealed in the next cell.
                    server.sql("SET session_replication_role = replica; TRUNCATE clinicd.audit_events")
                return found_figure
            found[name] = interleave(few, unsealed, {"sealing": sealed})
    return found


def noisy(bench, plan):
    """99 quiet clinics, a call a second each, alone and beside one that floods."""
    seconds = str(5 if plan.quick else 20)
    quiet_flags = ["--first-clinic", "2", "--last-clinic", "100", "--keys", "uniform", "--rate", "99",
                   "--streams", "256", "--seconds", seconds, "--warm-up", "1"]
    with Server(bench) as server:
        alone = bench.end(server, bench.begin(server, "W7", "--driver", "grpc", *quiet_flags))
        flood = bench.begin(server, "W7", "--driver", "grpc", "--last-clinic", "1", "--streams", "32",
                            "--seconds", str(float(seconds) + 2), "--warm-up", "0")
        beside = bench.end(server, bench.begin(server, "W7", "--driver", "grpc", *quiet_flags))
        flooded = bench.end(server, flood)
    return {"alone": alone, "beside": beside, "flood": flooded,
            "growth": beside["latency"]["p99_us"] / alone["latency"]["p99_us"]}


def idle(bench, plan):
    """A call every two seconds, when everything sleeps in between."""
    with Server(bench) as server:
        return {driver: bench.cell(server, "W7", "--driver", driver, "--rate", "0.5", "--arrivals",
                                   "constant", "--seconds", str(plan.idle_seconds), "--warm-up", "3")
                for driver in ("grpc",)}


def overload(bench, plan):
    """More calls than can be answered; dear ones, so that the client can ask for ten times as many."""
    workload = "diary" if "--big-clinic" in bench.shape else "W2"
    found = {"workload": workload}
    with Server(bench) as server:
        peak = grpc(bench, server, plan, workload, "--streams", "64", factor=2)
        found["peak"] = peak
        for times in (2, 10):
            # As many desks: calls that one connection has no stream for wait in the client.
            figures = grpc(bench, server, plan, workload, "--rate", f"{rate_of(peak) * times:.1f}",
                           "--streams", "4096", "--channels", "64", "--deadline", "2", "--refusals",
                           factor=2)
            found[f"x{times}"] = {
                **figures, "goodput": rate_of(figures) / rate_of(peak),
                "p99_growth": figures["service"]["p99_us"] / max(1, peak["service"]["p99_us"])}
    return found


def scale(bench, plan):
    """As many rows in more clinics, and ten times as many rows; by throughput when cached."""
    patients = {10: 20000, 100: 2000, 1000: 200, 10000: 20}
    datasets = {str(clinics): [clinics, each, 400_000 // clinics] for clinics, each in patients.items()}
    datasets["1000, rows x10"] = [1000, 2000, 4000]
    if plan.quick:
        datasets = {name: datasets[name] for name in ("10", "1000")}
    found = {}
    # There and back, so that what drifts in between shows.
    for name in [*datasets, *reversed(datasets)]:
        clinics, each, visits = datasets[name]
        other = Bench(bench.build, f"{plan.scale_data}-{name.replace(', rows ', '-')}", bench.work,
                      ["--clinics", str(clinics), "--patients", str(each), "--practitioners", "1",
                       "--appointments", str(visits)])
        with Server(other, ["--no-access-rows"]) as server:
            for workload in ("W1", "W2"):
                # What is cached is measured.
                grpc(other, server, plan, workload, "--keys", "uniform", access_rows=False)
                rate = rate_of(grpc(other, server, plan, workload, "--keys", "uniform",
                                    access_rows=False))
                found.setdefault(name, {}).setdefault(workload, []).append(rate)
    return found


def crosscheck(bench, plan):
    """Our generator against pgbench and h2load on W1."""
    with Server(bench, ["--no-access-rows"]) as server:
        # Longer cells: pgbench counts whole seconds.
        seconds = max(3, 2 * plan.seconds)

        def ours(mode):
            return rate_of(bench.cell(server, "W1", "--driver", "libpq", "--mode", mode,
                                      "--pgbench-alike", "--streams", str(CONNECTIONS), "--seconds",
                                      str(seconds), "--warm-up", "0", access_rows=False))

        def theirs(mode):
            return bench.pgbench(server, "W1", mode, seconds, CONNECTIONS, "zipf", access_rows=False)
        found = {mode: interleave(plan, lambda mode=mode: theirs(mode),
                                  {"clinicbench": lambda mode=mode: ours(mode)})
                 for mode in ("simple", "prepared")}
        costs = {"clinicbench": [], "h2load": []}
        rates = {"clinicbench": [], "h2load": []}
        for _ in range(plan.few):
            figures = grpc(bench, server, plan, "W1", "--last-clinic", "1", access_rows=False)
            costs["clinicbench"].append(figures["clinicd_us_per_call"])
            rates["clinicbench"].append(rate_of(figures))
            before = server.processor_ticks()
            trips = server.round_trips()
            rates["h2load"].append(bench.h2load(server, seconds, 1, STREAMS))
            calls = calls_between(trips, server.round_trips())
            costs["h2load"].append(spent_us(before, server.processor_ticks()) / max(1, calls))
        found["h2load"] = {"clinicd_us_per_call": {k: summary(v) for k, v in costs.items()},
                           "rate": {k: summary(v) for k, v in rates.items()}}
    return found


def calls_between(before, after):
    return sum(now["count"] - before.get(method, {"count": 0})["count"] for method, now in after.items())


def spent_us(before, after):
    return (after[0] - before[0]) / TICK * 1e6


ALL = {each.__name__: each for each in (
    ratios, peers, empty, sweep, edge, latency, schedule, hot_day, tax, sealing, noisy, idle, overload, scale,
    crosscheck)}


def default(quick):
    # What needs more data, or the npm parts of the peers, is asked for.
    left_out = ("sweep", "hot_day", "sealing", "tax", "scale", "peers") if quick else ("scale", "peers")
    return [name for name in ALL if name not in left_out]
