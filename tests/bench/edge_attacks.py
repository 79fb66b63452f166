#!/usr/bin/python3
"""What attacks on the edge cost others. Prints for each attack the 99th percentile of the latency of an
innocent client on an idle machine, beside a lawful load of the same kind, and during the attack; how much
memory grew, how often the attacker was cut off, and after how long, and what one connection of the load and
of the attack cost the edge in CPU. Goals: at most twice what it was beside the lawful load, 16 MiB, and a
second, or the time-out that stands beside it.

The lawful load is there because the attacker's own process takes as much of a small machine as it gets, and
each of its connections a handshake, which is no doing of the edge. Beside floods it is as many clients that
connect again and again and upload as fast as they can; beside attacks that wait it is a process that
computes.

All speak TLS, under the limits of a server on the Internet; the attacker has one address and connects
again at once when cut off, the innocent client has another address and a connection that stays.

edge_attacks.py [BUILD_DIR] [ATTACK...]     SECONDS=3: how long each attack goes on.
"""

import contextlib
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import threading
import time

if len(sys.argv) > 1:
    os.environ["CLINICD_BINARY_DIR"] = sys.argv[1]
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "edge"))
from edge_process import (  # noqa: E402
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, PREFACE, RST_STREAM, SETTINGS, Edge, frame,
    head, literal, read_all)

SECONDS = float(os.environ.get("SECONDS", "3"))
# Bytes that a lawful client uploads on one connection, as many as a flood gets rid of, and at once.
UPLOAD, PIECE = 256 * 1024, 4096


def innocent(port, seconds):
    """Asks for hello every 2 ms; prints each latency in milliseconds."""
    raw = socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0))
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with Edge.wrap(None, raw) as client:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            begin = time.monotonic()
            client.sendall(b"GET /hello HTTP/1.1\r\nhost: localhost\r\n\r\n")
            answer = b""
            while not answer.endswith(b"\r\n\r\nhello"):
                piece = client.recv(4096)
                if not piece:
                    raise SystemExit("the innocent client was cut off")
                answer += piece
            print((time.monotonic() - begin) * 1000)
            time.sleep(0.002)


@contextlib.contextmanager
def busy():
    """A process that computes."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def upload(client):
    """What a flood would be if it was lawful."""
    client.sendall(b"POST /length HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % UPLOAD)
    for _ in range(0, UPLOAD, PIECE):
        client.sendall(b"x" * PIECE)
    read_all(client)


@contextlib.contextmanager
def clients_of(edge, work, connections, protocol):
    """Clients that connect and work again and again; a list of how long each connection lasted."""
    lasted, mutex, stop = [], threading.Lock(), threading.Event()

    def again():
        while not stop.is_set():
            begin = time.monotonic()
            with contextlib.suppress(OSError), edge.connect(True, protocol) as client:
                try:
                    work(client)
                finally:
                    with mutex:
                        lasted.append(time.monotonic() - begin)

    threads = [threading.Thread(target=again) for _ in range(connections)]
    for thread in threads:
        thread.start()
    try:
        yield lasted
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def cpu(edge):
    """CPU time of the edge so far, in seconds."""
    fields = pathlib.Path(f"/proc/{edge.ports['pid']}/stat").read_text(encoding="ascii").rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(edge, seconds):
    """A process of its own: threads would wait for the attacker's."""
    return subprocess.Popen([sys.executable, __file__, "--innocent", str(edge.ports["tls"]), str(seconds)],
                            stdout=subprocess.PIPE, text=True)


def p99(client):
    output, _ = client.communicate()
    if client.returncode != 0:
        raise SystemExit(output)
    return statistics.quantiles(map(float, output.split()), n=100)[98]


def h2(client):
    client.sendall(PREFACE + frame(SETTINGS) + frame(SETTINGS, ACK))


def flood(pieces, before=b""):
    """Opens HTTP/2 and sends until it is cut."""

    def attack(client):
        h2(client)
        client.sendall(before)
        for piece in pieces():
            client.sendall(piece)
        read_all(client)

    return attack


def resets():
    for stream in range(1, 400_001, 200):
        yield b"".join(frame(HEADERS, END_HEADERS | END_STREAM, each, head("/hold"))
                       + frame(RST_STREAM, 0, each, b"\0\0\0\x08") for each in range(stream, stream + 200, 2))


def provoked():
    for stream in range(1, 100_001, 200):
        yield b"".join(frame(HEADERS, END_HEADERS, each, head("/hold", "POST"))
                       + frame(8, 0, each, b"\x7f\xff\xff\xff") for each in range(stream, stream + 200, 2))


def continuations():
    yield frame(HEADERS, 0, 1, head("/hello"))
    for _ in range(10_000):
        yield frame(CONTINUATION, 0, 1, literal("a", "b" * 100) * 100)


def bombs():
    block = head("/hello") + b"\x40" + literal("bomb", "a" * 3000)[1:] + b"\xbe" * 12_000
    for _ in range(4):
        yield frame(HEADERS, END_HEADERS | END_STREAM, 1, block)


def repeated(what):
    return lambda: (what * 100 for _ in range(10_000))


def sending(data):
    def attack(client):
        client.sendall(data)
        read_all(client)

    return attack


def never_reading(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.sendall(PREFACE + frame(SETTINGS, 0, 0, b"\0\4\x7f\xff\xff\xff") + frame(8, 0, 0, b"\x7f\0\0\0"))
    for stream in range(1, 127, 2):
        client.sendall(frame(HEADERS, END_HEADERS | END_STREAM, stream, head("/zeros/10000000")))
    # Its end is noticed without a read: the next write fails.
    while True:
        client.sendall(frame(8, 0, 0, b"\0\0\0\1"))
        time.sleep(0.05)


def dropped(client):
    client.sendall(b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n" + b"x" * 20_000)


POST = frame(HEADERS, END_HEADERS, 1, head("/hold", "POST"))
# Attack, connections at a time, and the time-out that ends it, which is set to half a second.
ATTACKS = {
    "rapid reset": (flood(resets), 4, None),
    "provoked resets": (flood(provoked), 4, None),
    "CONTINUATION flood": (flood(continuations), 4, None),
    "HPACK bomb": (flood(bombs), 4, None),
    "PING flood": (flood(repeated(frame(PING, 0, 0, b"12345678")), POST), 4, None),
    "SETTINGS flood": (flood(repeated(frame(SETTINGS)), POST), 4, None),
    "empty DATA flood": (flood(repeated(frame(DATA, 0, 1)), POST), 4, None),
    "SETTINGS without ACK": (sending(PREFACE + frame(SETTINGS) + b"".join(
        frame(HEADERS, END_HEADERS, stream, head("/hold", "POST")) for stream in range(1, 255, 2))), 20,
                             "settings_ack_ms"),
    "slow head, HTTP/1.1": (sending(b"GET /hello HTTP/1.1\r\nhost: local"), 60, "head_ms"),
    "slow head, HTTP/2": (sending(PREFACE + frame(SETTINGS) + frame(SETTINGS, ACK)
                                  + frame(HEADERS, 0, 1, head("/hello"))), 60, "head_ms"),
    "slow body": (sending(b"POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 10000\r\n\r\nhalf"), 60,
                  "body_grace_ms"),
    "slow reader": (never_reading, 8, "write_ms"),
    "bodies dropped midway": (dropped, 4, None),
    "held connections": (None, 60, None),
}
FLOODS = {name for name in ATTACKS if "flood" in name or "reset" in name or "bomb" in name}
HTTP1 = {"slow head, HTTP/1.1", "slow body", "bodies dropped midway"}


class Load:
    """What the innocent client met beside something, and what that cost the edge."""

    def __init__(self, edge, beside, innocent_alone):
        client, spent, self.peak = measure(edge, SECONDS), cpu(edge), 0
        with beside as lasted:
            while client.poll() is None:
                self.peak = max(self.peak, edge.numbers()["rss"])
                time.sleep(0.1)
        self.p99 = p99(client)
        self.lasted = lasted or []
        # Less what the innocent client itself costs.
        spent = cpu(edge) - spent - innocent_alone
        self.milliseconds = 1000 * spent / len(self.lasted) if self.lasted else 0
        self.spent = spent


@contextlib.contextmanager
def held(edge, connections):
    """Connections that do nothing."""
    with contextlib.ExitStack() as stack:
        for _ in range(connections):
            stack.enter_context(edge.connect(True))
        yield []


def run(name):
    attack, connections, time_out = ATTACKS[name]
    settings = {time_out: 500} if time_out else {}
    protocol = "http/1.1" if name in HTTP1 else "h2"
    with Edge(sweep_ms=50, **settings) as edge:
        idle = Load(edge, contextlib.nullcontext(), 0)
        lawful = Load(edge, clients_of(edge, upload, connections, "http/1.1") if name in FLOODS else busy(), idle.spent)
    with Edge(sweep_ms=50, **settings) as edge:
        attacked = Load(edge, clients_of(edge, attack, connections, protocol) if attack else held(edge, connections),
                        idle.spent)
        growth = (max(attacked.peak, edge.numbers()["rss"]) - edge.start["rss"]) / 2**20
        # Others are served as before; the attacker's own address may have to wait.
        p99(measure(edge, 0.2))
    cut = statistics.median(attacked.lasted) if attacked.lasted else 0
    limit = f" ({time_out}=500)" if time_out else ""
    print(f"{name:22} {idle.p99:8.2f} {lawful.p99:8.2f} {attacked.p99:8.2f} {attacked.p99 / lawful.p99:6.1f} "
          f"{growth:9.1f} {len(attacked.lasted):7} {cut:8.3f} {lawful.milliseconds:8.2f} {attacked.milliseconds:8.2f}"
          f"{limit}", flush=True)


def main():
    print(f"{'attack':22} {'p99 idle':>8} {'lawful':>8} {'attacked':>8} {'ratio':>6} {'MiB more':>9} {'cut':>7} "
          f"{'seconds':>8} {'CPU':>8} {'CPU':>8}   (latencies and CPU a connection, lawful and attacker's, in ms;"
          " median time to the cut)")
    for name in sys.argv[2:] or ATTACKS:
        run(name)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--innocent"]:
        innocent(int(sys.argv[2]), float(sys.argv[3]))
    else:
        main()
