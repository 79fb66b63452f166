"""The results as Markdown."""


def _us(value):
    return f"{value:,.0f}"


def _spread(found, digits=2):
    return f"{found['median']:,.{digits}f} ({found['min']:,.{digits}f} to {found['max']:,.{digits}f})"


def _table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def _rounds(found):
    rows = []
    for name, each in found.items():
        for other, ratio in each["ratios"].items():
            rows.append([name, other, _spread(each["rates"][other], 0), _spread(each["base"], 0),
                         _spread(ratio), f"{each['kept']} of {len(each['rounds'])}"])
    return rows


def _ratios(found):
    text = _table(["workload", "who", "calls a second", "libpq prepared, bracket", "ratio", "rounds kept"],
                  _rounds(found))
    rows = [[name, method, f"{trips:.3f}"] for name, each in found.items()
            for method, trips in each["round_trips"].items() if method != "Refresh"]
    cost = []
    for name, each in found.items():
        for who, cell in each["last_cells"].items():
            cost.append([name, who, _us(cell["clinicd_us_per_call"]), _us(cell["postgres_us_per_call"]),
                         _us(cell["client_us_per_call"])])
    return "\n\n".join([text, _table(["workload", "method", "round trips a call"], rows),
                        _table(["workload", "who", "clinicd, us", "PostgreSQL, us", "client, us"], cost)])


def _peers(found):
    rows = [[workload, name, _spread(each["rates"][name], 0), _spread(each["rates"]["clinicd"], 0),
             _spread(ratio, 1), f"{each['kept']} of {len(each['rounds'])}"]
            for workload, each in found.items() for name, ratio in each["clinicd_to"].items()]
    versions = next(iter(found.values()))["versions"]
    return _table(["workload", "peer", "calls a second", "clinicd", "clinicd / peer", "rounds kept"],
                  rows) + "\n\n" + "; ".join(f"{name}: {each}" for name, each in versions.items())


def _empty(found):
    return _table(["way", "calls a second", "clinicd, us of processor a call"],
                  [[name, _us(each["calls_per_second"]), _us(each["clinicd_us_per_call"])]
                   for name, each in found.items()])


def _sweep(found):
    return _table(["in flight", "clinicd, calls a second", "p99, us", "libpq prepared"],
                  [[streams, _us(each["clinicd"]["calls_per_second"]),
                    _us(each["clinicd"]["service"]["p99_us"]), _us(each["prepared"]["calls_per_second"])]
                   for streams, each in found.items()])


def _edge(found):
    return ("Processor time of clinicd for a call through the front door over TLS, against the raw socket: "
            + _spread(found["ratio"]))


def _open_row(name, each):
    return [name, _us(each.get("peak", 0)), _us(each["rate"]), _us(each["latency"]["p50_us"]),
            _us(each["latency"]["p99_us"]), _us(each["latency"]["p999_us"]), _us(each["latency"]["max_us"]),
            "yes" if each["valid"] else f"no: {each['late']} of {each['sent']} sent late"]


OPEN_HEAD = ["what", "maximum, calls a second", "rate", "p50, us", "p99", "p99.9", "slowest", "valid"]


def _latency(found):
    return _table(OPEN_HEAD, [_open_row(name, each) for name, each in found.items()])


def _schedule(found):
    trips = ", ".join(f"{name} {each:.3f}" for name, each in found["round_trips"].items())
    return _latency({k: v for k, v in found.items() if k != "round_trips"}) + f"\n\nRound trips: {trips}"


def _hot_day(found):
    others = sum(each["right"] for each in found["cells"]), sum(each["taken"] for each in found["cells"])
    return (f"{_spread(found['rate'], 0)} attempts a second; {others[0]} booked, {others[1]} taken, "
            f"{found['deadlocks']} deadlocks")


def _tax(found):
    return _table(["by", "who", "calls a second", "past row-level security", "ratio", "rounds kept"],
                  _rounds(found))


def _sealing(found):
    return _table(["workload", "who", "calls a second", "without sealing", "ratio", "rounds kept"],
                  _rounds(found))


def _noisy(found):
    return (_latency({"99 quiet clinics alone": found["alone"], "beside the one": found["beside"]}) +
            f"\n\nTheir p99 grows {found['growth']:.2f} times; the one has "
            f"{_us(found['flood']['calls_per_second'])} calls a second.")


def _overload(found):
    rows = [[name, _us(found[name]["rate"]), f"{found[name]['goodput']:.2f}",
             _us(found[name]["service"]["p99_us"]), f"{found[name]['p99_growth']:.2f}",
             found[name]["refused"], _us(found[name].get("refusal", {"p99_us": 0})["p99_us"]),
             "yes" if found[name]["valid"] else f"no: {found[name]['late']} of {found[name]['sent']} late"]
            for name in ("x2", "x10")]
    peak = found["peak"]
    return (f"{found['workload']}: {_us(peak['calls_per_second'])} calls a second with 64 in flight, p99 "
            f"{_us(peak['service']['p99_us'])} us\n\n" +
            _table(["load", "rate", "goodput / peak", "p99 of admitted, us", "to that of the peak",
                    "refused", "p99 of refusals, us", "valid"], rows))


def _scale(found):
    return _table(["clinics", "workload", "calls a second, there and back"],
                  [[name, workload, ", ".join(_us(rate) for rate in rates)]
                   for name, each in found.items() for workload, rates in each.items()])


def _crosscheck(found):
    text = _table(["mode", "who", "transactions a second", "pgbench, bracket", "ratio", "rounds kept"],
                  _rounds({mode: found[mode] for mode in ("simple", "prepared")}))
    other = found["h2load"]
    rows = [[who, _spread(other["rate"][who], 0), _spread(other["clinicd_us_per_call"][who], 1)]
            for who in ("clinicbench", "h2load")]
    return text + "\n\n" + _table(["who", "calls a second", "clinicd, us of processor a call"], rows)


WRITERS = {"ratios": _ratios, "peers": _peers, "empty": _empty, "sweep": _sweep, "edge": _edge, "latency": _latency,
           "schedule": _schedule, "hot_day": _hot_day, "tax": _tax, "sealing": _sealing, "noisy": _noisy,
           "idle": _latency, "overload": _overload, "scale": _scale, "crosscheck": _crosscheck}


def markdown(result):
    machine = result["machine"]
    parts = [f"`{result['command']}`, {result['began']}, {result['seconds']} s, load before "
             f"{result['load']:.1f}, stolen {result['steal_percent']:.1f} %",
             ", ".join(f"{name}: {value}" for name, value in machine.items())]
    for name, found in result["sections"].items():
        parts.append(f"## {name}")
        parts.append(f"Failed: {found['failure']}" if "failure" in found else WRITERS[name](found))
    return "\n\n".join(parts) + "\n"
