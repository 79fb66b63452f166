#!/usr/bin/python3
"""Attacks on a running edge: the offender is cut, memory stays, others are served meanwhile and afterwards."""

import contextlib
import pathlib
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from edge_process import (  # noqa: E402
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, HEADERS, PING, PREFACE, RST_STREAM,
    SETTINGS, Edge, TlsByHand, frame, goaway_error, head, literal, read_all, seconds_until_cut, send_until_cut)

GROWTH_MAX = 16 * 1024 * 1024
# Of others' requests while an attack runs, on a machine that may be busy with other tests.
LATENCY_MAX = 2.0


class Others:
    """A client that asks for hello again and again."""

    def __init__(self, edge):
        self.edge = edge
        self.stopped = threading.Event()
        self.latencies = []
        self.error = None
        self.thread = threading.Thread(target=self.run)

    def run(self):
        try:
            while not self.stopped.is_set():
                self.latencies.append(self.edge.say_hello(tls=len(self.latencies) % 2 == 0))
                self.stopped.wait(0.02)
        except Exception as error:  # pylint: disable=broad-except
            self.error = error

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()


class AttackTest(unittest.TestCase):
    @contextlib.contextmanager
    def attacked(self, serves_others=True, **settings):
        """An edge to attack; checks afterwards that nothing is left of it."""
        with Edge(connections_per_address=4000, connect_burst=100000, **settings) as edge:
            with contextlib.ExitStack() as stack:
                others = stack.enter_context(Others(edge)) if serves_others else None
                yield edge
            if others:
                self.assertIsNone(others.error)
                self.assertLess(max(others.latencies), LATENCY_MAX)
            end = edge.wait_until(lambda numbers: numbers["connections"] == 0)
            self.assertEqual(end["connections"], 0)
            self.assertEqual(end["in_flight"], 0)
            self.assertLessEqual(end["rss"] - edge.start["rss"], GROWTH_MAX)
            self.assertLessEqual(end["fds"], edge.start["fds"])
            edge.say_hello(tls=True)

    def check_growth(self, edge):
        self.assertLessEqual(edge.numbers()["rss"] - edge.start["rss"], GROWTH_MAX)

    def test_rapid_reset(self):
        with self.attacked() as edge, edge.h2() as client:
            def pairs():
                for stream in range(1, 400_001, 200):
                    yield b"".join(
                        frame(HEADERS, END_HEADERS | END_STREAM, each, head("/hold"))
                        + frame(RST_STREAM, 0, each, b"\0\0\0\x08") for each in range(stream, stream + 200, 2))

            begin = time.monotonic()
            sent, said = send_until_cut(client, pairs())
            self.assertLess(sent, 2000)
            seconds = time.monotonic() - begin
            self.assertLess(seconds, 5)
            self.assertIn(goaway_error(said), (ENHANCE_YOUR_CALM, None))
            numbers = edge.numbers()
            self.assertEqual(numbers["cut_flood"], 1)
            # Of the flood the burst and what the seconds allow; others ask fifty times a second at most.
            self.assertLess(numbers["requests"] - edge.start["requests"], 1002 + 33 * seconds + 50 * seconds + 20)
            self.check_growth(edge)

    def test_provoked_resets(self):
        with self.attacked() as edge, edge.h2() as client:
            def errors():
                for stream in range(1, 100_001, 200):
                    yield b"".join(
                        frame(HEADERS, END_HEADERS, each, head("/hold", "POST"))
                        + frame(8, 0, each, b"\x7f\xff\xff\xff") for each in range(stream, stream + 200, 2))

            sent, said = send_until_cut(client, errors())
            self.assertLess(sent, 500)
            # Or PROTOCOL_ERROR, when more streams arrive at once than may be open.
            self.assertIsNotNone(goaway_error(said))
            self.check_growth(edge)

    def test_continuation_flood(self):
        with self.attacked() as edge, edge.h2() as client:
            first = frame(HEADERS, 0, 1, head("/hello"))
            more = frame(CONTINUATION, 0, 1, literal("a", "b" * 100) * 100)
            send_until_cut(client, [first] + [more] * 10_000)
            self.check_growth(edge)

    def test_hpack_bombs(self):
        entry = b"\x40" + literal("bomb", "a" * 3000)[1:]
        block = head("/hello") + entry + b"\xbe" * 12_000
        with self.attacked() as edge:
            for _ in range(50):
                with edge.h2() as client:
                    _, said = send_until_cut(client, [frame(HEADERS, END_HEADERS | END_STREAM, 1, block)] * 4)
                    self.assertEqual(goaway_error(said), ENHANCE_YOUR_CALM)
            self.assertEqual(edge.numbers()["cut_oversize"], 50)
            self.check_growth(edge)

    def test_floods(self):
        for name, flood in {"ping": frame(PING, 0, 0, b"12345678"), "settings": frame(SETTINGS),
                            "empty data": frame(DATA, 0, 1)}.items():
            with self.subTest(name), self.attacked() as edge, edge.h2() as client:
                client.sendall(frame(HEADERS, END_HEADERS, 1, head("/hold", "POST")))
                begin = time.monotonic()
                _, said = send_until_cut(client, [flood * 100] * 10_000)
                self.assertLess(time.monotonic() - begin, 5)
                # What was said is lost when the flood goes on until the socket is reset.
                self.assertIn(goaway_error(said), (ENHANCE_YOUR_CALM, None))
                self.assertEqual(edge.numbers()["cut_flood"], 1)
                self.check_growth(edge)

    def test_flood_of_a_client_that_reads_nothing(self):
        with self.attacked(write_ms=500, sweep_ms=50) as edge, edge.h2() as client:
            client.settimeout(1)
            # Windows as large as can be, so that it is the socket that stops.
            client.sendall(frame(SETTINGS, 0, 0, b"\0\4\x7f\xff\xff\xff") + frame(8, 0, 0, b"\x7f\0\0\0"))
            for stream in range(1, 127, 2):
                client.sendall(frame(HEADERS, END_HEADERS | END_STREAM, stream, head("/zeros/10000000")))
            with contextlib.suppress(OSError):
                for _ in range(5000):
                    client.sendall((frame(8, 0, 0, b"\0\0\0\1")) * 100)
            self.check_growth(edge)
            edge.wait_until(lambda numbers: numbers["cut_write"] > 0)
            self.assertGreaterEqual(edge.numbers()["cut_write"], 1)

    def test_settings_that_are_never_acknowledged(self):
        with self.attacked(settings_ack_ms=500, sweep_ms=50) as edge, edge.h2(acknowledge=False) as client:
            client.sendall(b"".join(
                frame(HEADERS, END_HEADERS, stream, head("/hold", "POST")) for stream in range(1, 801, 2)))
            before = edge.start["requests"]
            self.assertLess(seconds_until_cut(client), 3)
            self.assertEqual(edge.numbers()["cut_settings"], 1)
            # Others have asked meanwhile, a few times.
            self.assertLess(edge.numbers()["requests"] - before, 128 + 150)

    def test_slow_handshake(self):
        with self.attacked(handshake_ms=500, sweep_ms=50) as edge:
            for start in (b"", b"\x16\x03\x01\x02\x00\x01\x00"):
                with socket.create_connection(("127.0.0.1", edge.ports["tls"]), timeout=10) as client:
                    client.sendall(start)
                    self.assertLess(seconds_until_cut(client), 3)
            self.assertEqual(edge.numbers()["cut_handshake"], 2)

    def test_slow_head(self):
        starts = [b"GET /hello HTTP/1.1\r\nhost: local", PREFACE[:10],
                  PREFACE + frame(SETTINGS) + frame(SETTINGS, ACK) + frame(HEADERS, 0, 1, head("/hello")), b""]
        for tls in (False, True):
            with self.subTest(tls=tls), self.attacked(head_ms=500, sweep_ms=50) as edge:
                clients = []
                for start in starts:
                    clients.append(edge.connect(tls, "h2" if start.startswith(b"PRI") else "http/1.1"))
                    clients[-1].sendall(start)
                for client in clients:
                    self.assertLess(seconds_until_cut(client), 3)
                    client.close()
                self.assertEqual(edge.numbers()["cut_head"], len(starts))

    def test_half_a_record(self):
        """A request of which half a TLS record comes: nothing of it can be read."""
        with self.attacked(head_ms=500, sweep_ms=50) as edge:
            with socket.create_connection(("127.0.0.1", edge.ports["tls"]), timeout=10) as raw:
                tls = TlsByHand(raw)
                record = tls.encrypt(b"GET /hello HTTP/1.1\r\nhost: localhost\r\n\r\n")
                raw.sendall(record[:len(record) // 2])
                self.assertLess(seconds_until_cut(raw), 3)
            self.assertEqual(edge.numbers()["cut_head"], 1)

    def test_clients_that_fall_silent_after_an_answer(self):
        hello = frame(HEADERS, END_HEADERS | END_STREAM, 1, head("/hello"))
        for tls in (False, True):
            with self.subTest(tls=tls), self.attacked(idle_ms=500, sweep_ms=50) as edge:
                with edge.h2(tls) as second, edge.connect(tls) as first:
                    second.sendall(hello)
                    first.sendall(b"GET /hello HTTP/1.1\r\nhost: a\r\n\r\n")
                    for client in (second, first):
                        begin = time.monotonic()
                        self.assertIn(b"hello", read_all(client))
                        self.assertLess(time.monotonic() - begin, 5)

    def test_slow_head_byte_by_byte(self):
        with self.attacked(head_ms=500, sweep_ms=50) as edge, edge.connect() as client:
            def bytes_now_and_then():
                for _ in range(100):
                    yield b"x"
                    time.sleep(0.05)

            client.sendall(b"GET /")
            sent, said = send_until_cut(client, bytes_now_and_then())
            self.assertLess(sent, 100)
            self.assertTrue(said == b"" or said.startswith(b"HTTP/1.1 408"))

    def test_slow_body(self):
        for tls in (False, True):
            with self.subTest(tls=tls), self.attacked(body_grace_ms=500, sweep_ms=50) as edge:
                with edge.connect(tls) as client:
                    client.sendall(b"POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 10000\r\n\r\nhalf")
                    self.assertTrue(read_all(client).startswith(b"HTTP/1.1 408"))
                with edge.h2(tls) as client:
                    client.sendall(
                        frame(HEADERS, END_HEADERS, 1, head("/length", "POST")) + frame(DATA, 0, 1, b"half"))
                    edge.wait_until(lambda numbers: numbers["cut_body"] == 2)
                self.assertEqual(edge.numbers()["cut_body"], 2)

    def test_slow_reader(self):
        with self.attacked(write_ms=500, sweep_ms=50) as edge:
            clients = []
            for number in range(20):
                client = edge.connect(tls=number % 2 == 0)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                client.sendall(b"GET /zeros/1000000000 HTTP/1.1\r\nhost: a\r\n\r\n")
                clients.append(client)
            edge.wait_until(lambda numbers: numbers["cut_write"] == 20)
            self.assertEqual(edge.numbers()["cut_write"], 20)
            self.check_growth(edge)
            for client in clients:
                client.close()

    def test_slow_readers_on_all_streams_of_many_connections(self):
        for tls in (False, True):
            with self.subTest(tls=tls):
                self.check_slow_readers_on_all_streams_of_many_connections(tls)

    def check_slow_readers_on_all_streams_of_many_connections(self, tls):
        with self.attacked(write_ms=3000, sweep_ms=50) as edge:
            clients = []
            for _ in range(64):
                client = edge.connect(tls, "h2")
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                client.sendall(
                    PREFACE + frame(SETTINGS, 0, 0, b"\0\4\x7f\xff\xff\xff") + frame(SETTINGS, ACK)
                    + frame(8, 0, 0, b"\x7f\0\0\0"))
                client.sendall(b"".join(
                    frame(HEADERS, END_HEADERS | END_STREAM, stream, head("/zeros/10000000"))
                    for stream in range(1, 256, 2)))
                clients.append(client)
            requests = 64 * 128
            asked = edge.wait_until(lambda numbers: numbers["requests"] - edge.start["requests"] >= requests)
            self.assertGreaterEqual(asked["requests"] - edge.start["requests"], requests)
            self.check_growth(edge)
            cut = edge.wait_until(lambda numbers: numbers["cut_write"] >= 64)
            self.assertEqual(cut["cut_write"], 64)
            for client in clients:
                client.close()

    def test_descriptors_exhausted(self):
        with self.attacked(serves_others=False, descriptors=64) as edge:
            edge.wait_until(lambda numbers: numbers["connections"] == 0)
            # What others open for a moment must not cost the edge the means to turn clients away:
            # to read its numbers, the process opens a file.
            edge.ask_for_numbers(150)
            held = [edge.connect() for _ in range(100)]
            edge.take_numbers(150)
            held += [edge.connect() for _ in range(20)]
            edge.wait_until(lambda numbers: numbers["cut_descriptors"] > 0)
            with edge.connect() as late:
                self.assertLess(seconds_until_cut(late), 2)
            self.assertGreater(edge.numbers()["cut_descriptors"], 0)
            for client in held:
                client.close()
            begin = time.monotonic()
            edge.wait_until(lambda numbers: numbers["connections"] == 0)
            edge.say_hello()
            self.assertLess(time.monotonic() - begin, 1)

    def test_connections_of_one_address(self):
        with Edge(connections_per_address=10) as edge:
            edge.wait_until(lambda numbers: numbers["connections"] == 0)
            held = [edge.connect(tls=True) for _ in range(10)]
            with socket.create_connection(("127.0.0.1", edge.ports["tls"]), timeout=10) as late:
                self.assertLess(seconds_until_cut(late), 2)
            self.assertEqual(edge.numbers()["cut_address"], 1)
            # A proxy on this machine speaks for everybody.
            edge.say_hello(tls=False)
            held.pop().close()
            edge.wait_until(lambda numbers: numbers["connections"] == 9)
            edge.say_hello(tls=True)
            for client in held:
                client.close()

    def test_handshakes_of_one_address(self):
        with Edge(connect_burst=20, connect_rate=1) as edge:
            for _ in range(30):
                with socket.create_connection(("127.0.0.1", edge.ports["tls"]), timeout=10):
                    pass
            edge.wait_until(lambda numbers: numbers["cut_address"] > 0)
            self.assertGreater(edge.numbers()["cut_address"], 0)

    def test_connections_in_all(self):
        with self.attacked(serves_others=False, connections=20) as edge:
            edge.wait_until(lambda numbers: numbers["connections"] == 0)
            held = [edge.connect() for _ in range(20)]
            edge.wait_until(lambda numbers: numbers["connections"] == 20)
            with edge.connect() as late:
                self.assertLess(seconds_until_cut(late), 2)
            self.assertGreater(edge.numbers()["cut_connections"], 0)
            for client in held:
                client.close()

    def test_connections_dropped_in_the_middle(self):
        halves = [b"GET /hello HTTP/1.1\r\nho",
                  b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n" + b"x" * 20_000,
                  b"GET /zeros/10000000 HTTP/1.1\r\nhost: a\r\n\r\n",
                  PREFACE + frame(SETTINGS) + frame(HEADERS, END_HEADERS, 1, head("/echo", "POST"))
                  + frame(DATA, 0, 1, b"x" * 16_000)]
        with self.attacked() as edge:
            for number in range(1000):
                half = halves[number % len(halves)]
                tls = number // len(halves) % 2 == 0
                with edge.connect(tls, "h2" if half.startswith(PREFACE) else "http/1.1") as client:
                    client.sendall(half)
                    if number % 2:
                        # A reset instead of an end.
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    def test_memory_in_flight_is_limited(self):
        with self.attacked(in_flight=1_000_000) as edge:
            clients = [edge.connect() for _ in range(50)]
            for client in clients:
                client.sendall(b"POST /hold HTTP/1.1\r\nhost: a\r\ncontent-length: 60000\r\n\r\n")
                with contextlib.suppress(OSError):
                    client.sendall(b"x" * 50_000)
            edge.wait_until(lambda numbers: numbers["cut_memory"] > 0)
            self.assertLessEqual(edge.numbers()["in_flight"], 1_000_000)
            self.assertGreater(edge.numbers()["cut_memory"], 0)
            for client in clients:
                client.close()


if __name__ == "__main__":
    unittest.main()
