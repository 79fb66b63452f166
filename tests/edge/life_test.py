#!/usr/bin/python3
"""A running edge over time: certificates that change, and the end."""

import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from edge_process import (  # noqa: E402
    DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, Edge, frame, frames, head, make_certificate, read_all)


def served_certificate(edge):
    with edge.connect(tls=True) as client:
        return client.getpeercert(binary_form=True)


def replace(source, target):
    """In one moment, as tools that renew certificates do."""
    aside = target.with_suffix(".new")
    shutil.copy(source, aside)
    aside.rename(target)


class CertificateTest(unittest.TestCase):
    def wait_for_another(self, edge, before):
        end = time.monotonic() + 5
        while served_certificate(edge) == before and time.monotonic() < end:
            time.sleep(0.02)
        return served_certificate(edge)

    def test_a_new_certificate_is_used_without_ending_connections(self):
        with Edge() as edge:
            directory = pathlib.Path(edge.directory.name)
            before = served_certificate(edge)
            certificate, key = make_certificate(directory, "next")
            with edge.connect(tls=True) as old:
                replace(certificate, edge.certificate)
                replace(key, edge.key)

                self.assertNotEqual(self.wait_for_another(edge, before), before)
                old.sendall(b"GET /hello HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
                self.assertTrue(read_all(old).endswith(b"hello"))

    def test_a_bad_certificate_is_not_used(self):
        with Edge() as edge:
            before = served_certificate(edge)
            edge.certificate.write_text("no certificate")
            end = time.monotonic() + 5
            while edge.numbers()["reload_failures"] == 0 and time.monotonic() < end:
                time.sleep(0.02)

            self.assertGreaterEqual(edge.numbers()["reload_failures"], 1)
            self.assertEqual(served_certificate(edge), before)
            edge.say_hello(tls=True)
        self.assertIn('"event":"tls_reload_failed"', edge.log)

    def test_no_request_fails_while_certificates_change(self):
        with Edge(connections_per_address=1000, connect_burst=100000) as edge:
            directory = pathlib.Path(edge.directory.name)
            pairs = [make_certificate(directory, name) for name in ("one", "two")]
            failures, done, seen = [], threading.Event(), set()

            def work():
                while not done.is_set():
                    try:
                        edge.say_hello(tls=True)
                        seen.add(served_certificate(edge))
                    except Exception as error:  # pylint: disable=broad-except
                        failures.append(error)

            workers = [threading.Thread(target=work) for _ in range(2)]
            for worker in workers:
                worker.start()
            for turn in range(8):
                certificate, key = pairs[turn % 2]
                replace(certificate, edge.certificate)
                replace(key, edge.key)
                time.sleep(0.3)
            done.set()
            for worker in workers:
                worker.join()

            self.assertEqual(failures, [])
            self.assertGreaterEqual(len(seen), 2)

    def test_only_modern_tls_is_spoken(self):
        def handshake(edge, minimum, maximum, ciphers=None):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.minimum_version, context.maximum_version = minimum, maximum
            if ciphers:
                context.set_ciphers(ciphers)
            with socket.create_connection(("127.0.0.1", edge.ports["tls"]), timeout=10) as raw:
                with context.wrap_socket(raw) as client:
                    return client.version(), client.session.has_ticket if client.session else False

        version = ssl.TLSVersion
        with Edge() as edge:
            self.assertEqual(handshake(edge, version.TLSv1_3, version.TLSv1_3)[0], "TLSv1.3")
            self.assertEqual(handshake(edge, version.TLSv1_2, version.TLSv1_2), ("TLSv1.2", False))
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                handshake(edge, version.TLSv1, version.TLSv1_1, "ALL:@SECLEVEL=0")
            for ciphers in ("AES256-SHA256:@SECLEVEL=0", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"):
                with self.assertRaises((ssl.SSLError, ConnectionError)):
                    handshake(edge, version.TLSv1_2, version.TLSv1_2, ciphers)

    def test_an_unknown_protocol_is_refused_in_the_handshake(self):
        with Edge() as edge, self.assertRaises((ssl.SSLError, ConnectionError)):
            edge.connect(tls=True, protocol="spdy/3")


class DrainTest(unittest.TestCase):
    def test_requests_under_way_end_and_no_others_begin(self):
        with Edge(sweep_ms=50) as edge:
            h1, h2 = edge.connect(), edge.h2()
            idle = edge.connect()
            idle.sendall(b"GET /hello HTTP/1.1\r\nhost: a\r\n\r\n")
            h1.sendall(b"POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nab")
            h2.sendall(frame(HEADERS, END_HEADERS, 1, head("/length", "POST")) + frame(DATA, 0, 1, b"ab"))
            edge.wait_until(lambda numbers: numbers["requests"] == edge.start["requests"] + 3)

            edge.numbers("drain")
            self.assertTrue(read_all(idle).endswith(b"hello"))
            with self.assertRaises(ConnectionRefusedError):
                deadline = time.monotonic() + 5
                while time.monotonic() < deadline:
                    edge.connect().close()
            h1.sendall(b"c")
            answer = read_all(h1)
            self.assertIn(b"connection: close", answer)
            self.assertTrue(answer.endswith(b"\r\n\r\n3"))
            said = bytearray()
            while sum(kind == GOAWAY for kind, *_ in frames(bytes(said))) < 2:
                said += h2.recv(65536)
            h2.sendall(frame(DATA, END_STREAM, 1, b"c"))
            said += read_all(h2)
            lasts = [int.from_bytes(payload[:4], "big") for kind, _, _, payload in frames(bytes(said))
                     if kind == GOAWAY]
            self.assertEqual(lasts, [2**31 - 1, 1])
            self.assertIn(b"3", [payload for kind, _, _, payload in frames(bytes(said)) if kind == DATA])
            for client in (h1, h2, idle):
                client.close()
            self.assertEqual(edge.wait_until(lambda numbers: numbers["connections"] == 0)["connections"], 0)

    def test_what_does_not_end_is_ended(self):
        with Edge() as edge, edge.connect() as client:
            client.sendall(b"POST /hold HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n")
            edge.wait_until(lambda numbers: numbers["requests"] > edge.start["requests"])

            begin = time.monotonic()
            numbers = edge.numbers("stop")

            self.assertEqual(numbers["connections"], 0)
            self.assertLess(time.monotonic() - begin, 8)
            self.assertEqual(read_all(client), b"")


class RedirectTest(unittest.TestCase):
    def ask(self, edge, host, target="/path?query=1"):
        with socket.create_connection(("127.0.0.1", edge.ports["redirect"]), timeout=10) as client:
            client.sendall(f"GET {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n".encode())
            return read_all(client).decode()

    def test_plain_http_leads_to_https(self):
        with Edge() as edge:
            answer = self.ask(edge, "localhost:80")

            self.assertTrue(answer.startswith("HTTP/1.1 308"))
            self.assertIn(f"\r\nlocation: https://localhost:{edge.ports['tls']}/path?query=1\r\n", answer)
            self.assertNotIn("strict-transport-security", answer)

    def test_plain_http_leads_nowhere_else(self):
        with Edge() as edge:
            for host in ("evil.example", "localhost.evil.example", "evil.example:80"):
                answer = self.ask(edge, host)
                self.assertTrue(answer.startswith("HTTP/1.1 421"), answer)
                self.assertNotIn("\r\nlocation:", answer)
            self.assertTrue(self.ask(edge, "localhost", "//evil.example/").startswith("HTTP/1.1 308"))
            self.assertIn(f"location: https://localhost:{edge.ports['tls']}//evil.example/",
                          self.ask(edge, "localhost", "//evil.example/"))


if __name__ == "__main__":
    unittest.main()
