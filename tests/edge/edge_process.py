"""An edge in a process of its own, and clients that speak to it byte by byte."""

import json
import os
import pathlib
import resource
import socket
import ssl
import struct
import subprocess
import tempfile
import time

BINARY_DIR = pathlib.Path(os.environ.get("CLINICD_BINARY_DIR", "build/release"))

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
ACK = END_STREAM = 1
END_HEADERS = 4
ENHANCE_YOUR_CALM = 11


def make_certificate(directory, name):
    """A self-signed certificate for localhost; the paths of certificate and key."""
    certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-days", "30", "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-out", certificate, "-keyout", key],
        check=True, capture_output=True)
    return certificate, key


class Edge:
    """The process. Settings are those of edge_main.cc; descriptors limits what it may open."""

    def __init__(self, descriptors=None, **settings):
        self.directory = tempfile.TemporaryDirectory(prefix="clinicd-edge-")
        path = pathlib.Path(self.directory.name)
        self.certificate, self.key = make_certificate(path, "server")

        def limit():
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        self.process = subprocess.Popen(
            [BINARY_DIR / "tests" / "clinicd_test_edge", self.certificate, self.key]
            + [f"{name}={value}" for name, value in settings.items()],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=limit)
        self.ports = json.loads(self.process.stdout.readline())
        # What is allocated once for all is no growth.
        self.say_hello(tls=True)
        self.say_hello(tls=False)
        self.start = self.numbers()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=20)
        self.process.stdout.close()
        self.log = self.process.stderr.read()
        self.process.stderr.close()
        self.directory.cleanup()
        if self.process.returncode != 0:
            raise AssertionError(f"the edge ended with {self.process.returncode}: {self.log}")

    def numbers(self, command=""):
        self.ask_for_numbers(1, command)
        return self.take_numbers(1)

    def ask_for_numbers(self, times, command=""):
        """Has the process count again and again; goes on meanwhile."""
        self.process.stdin.write((command + "\n") * times)
        self.process.stdin.flush()

    def take_numbers(self, times):
        """The last of so many answers."""
        return json.loads([self.process.stdout.readline() for _ in range(times)][-1])

    def wait_until(self, condition, seconds=10):
        """The numbers once they meet the condition; the last ones when that takes too long."""
        end = time.monotonic() + seconds
        while True:
            numbers = self.numbers()
            if condition(numbers) or time.monotonic() > end:
                return numbers
            time.sleep(0.02)

    def connect(self, tls=False, protocol="http/1.1", timeout=10):
        raw = socket.create_connection(
            ("127.0.0.1", self.ports["tls" if tls else "clear"]), timeout=timeout)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.wrap(raw, protocol) if tls else raw

    def wrap(self, raw, protocol="http/1.1"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols([protocol])
        return context.wrap_socket(raw, server_hostname="localhost")

    def say_hello(self, tls=False):
        """One request on a connection of its own; how long it took, in seconds."""
        begin = time.monotonic()
        with self.connect(tls) as client:
            client.sendall(b"GET /hello HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            answer = read_all(client)
        if not answer.startswith(b"HTTP/1.1 200 OK") or not answer.endswith(b"\r\n\r\nhello"):
            raise AssertionError(f"no hello but {answer[:200]!r}")
        return time.monotonic() - begin

    def h2(self, tls=False, acknowledge=True):
        """A connection that has said hello in HTTP/2."""
        client = self.connect(tls, "h2")
        client.sendall(PREFACE + frame(SETTINGS) + (frame(SETTINGS, ACK) if acknowledge else b""))
        return client


class TlsByHand:
    """TLS on a socket whose bytes can be seen, and held back."""

    def __init__(self, raw):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.received, self.to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.received, self.to_send, server_hostname="localhost")
        while True:
            try:
                self.tls.do_handshake()
                raw.sendall(self.to_send.read())
                return
            except ssl.SSLWantReadError:
                raw.sendall(self.to_send.read())
                self.received.write(raw.recv(65536))

    def encrypt(self, text):
        """The records that hold it, which are yet to be sent."""
        self.tls.write(text)
        return self.to_send.read()


def read_all(client):
    """Everything until the other side ends."""
    received = bytearray()
    while True:
        try:
            piece = client.recv(65536)
        except (ConnectionResetError, BrokenPipeError, ssl.SSLError):
            return bytes(received)
        if not piece:
            return bytes(received)
        received += piece


def send_until_cut(client, pieces):
    """Sends until the other side takes no more; how many pieces it took, and what it said."""
    sent = 0
    try:
        for piece in pieces:
            client.sendall(piece)
            sent += 1
    except (ConnectionResetError, BrokenPipeError, ssl.SSLError):
        pass
    return sent, read_all(client)


def seconds_until_cut(client):
    begin = time.monotonic()
    read_all(client)
    return time.monotonic() - begin


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def frames(data):
    """Kind, flags, stream and payload of each whole frame."""
    found = []
    while len(data) >= 9:
        size = int.from_bytes(data[:3], "big")
        found.append((data[3], data[4], int.from_bytes(data[5:9], "big"), data[9:9 + size]))
        data = data[9 + size:]
    return found


def literal(name, value):
    """A header that leaves HPACK's table alone."""

    def text(raw):
        if len(raw) < 127:
            return bytes([len(raw)]) + raw
        size, rest = b"\x7f", len(raw) - 127
        while rest >= 128:
            size, rest = size + bytes([rest % 128 + 128]), rest // 128
        return size + bytes([rest]) + raw

    return b"\x00" + text(name.encode()) + text(value.encode())


def head(path, method="GET"):
    return (literal(":method", method) + literal(":scheme", "https") + literal(":path", path)
            + literal(":authority", "localhost"))


def goaway_error(data):
    """The error code of the last GOAWAY; nothing when there is none."""
    codes = [int.from_bytes(payload[4:8], "big") for kind, _, _, payload in frames(data) if kind == GOAWAY]
    return codes[-1] if codes else None
