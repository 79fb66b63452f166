"""A small client of a clinicd server: channel, sign-in, typed errors, safe repetition.

The modules of the API are generated from proto/ on first use, into build/python.
"""

import json
import os
import pathlib
import subprocess
import sys
import time
import uuid

try:
    import grpc
except ImportError:
    sys.exit("python3-grpcio is missing: run deploy/setup.sh run, and use /usr/bin/python3.")

ROOT = pathlib.Path(__file__).resolve().parents[2]


def _stubs():
    """Returns the directory of the generated modules; generates them if they are missing or old."""
    given = os.environ.get("CLINICD_PYTHON_STUBS")
    if given:
        return given
    directory = ROOT / "build" / "python"
    newest = max(path.stat().st_mtime for path in (ROOT / "proto").rglob("*.proto"))
    if not directory.exists() or directory.stat().st_mtime < newest:
        subprocess.run([ROOT / "clients" / "python" / "generate.sh", directory], check=True)
    return str(directory)


sys.path.insert(0, _stubs())

# pylint: disable=wrong-import-position
from clinicd.appointments.v1 import appointment_service_pb2_grpc  # noqa: E402
from clinicd.identity.v1 import practitioner_service_pb2_grpc  # noqa: E402
from clinicd.identity.v1 import session_service_pb2, session_service_pb2_grpc  # noqa: E402
from clinicd.patients.v1 import patient_service_pb2_grpc  # noqa: E402
from google.rpc import error_details_pb2, status_pb2  # noqa: E402

# What may pass later. Repeating is safe: every request that changes something has a request_id.
_MAY_PASS = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
)
_ATTEMPTS = 5


class ClinicdError(Exception):
    """An error of the server. Switch on `reason`, never on the message."""

    def __init__(self, error):
        self.code = error.code()
        self.reason = ""
        self.metadata = {}
        self.fields = []
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                self._read(status_pb2.Status.FromString(value))
        super().__init__(f"{self.code.name} {self.reason}: {error.details()}")

    def _read(self, status):
        info, request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        for detail in status.details:
            if detail.Unpack(info):
                self.reason, self.metadata = info.reason, dict(info.metadata)
            elif detail.Unpack(request):
                self.fields = [violation.field for violation in request.field_violations]


class Login:
    """Where a server is and how to sign in there, from the dev.json of `clinicd dev`."""

    def __init__(self, dev_json, clinic_slug=None, role="receptionist"):
        dev = json.loads(pathlib.Path(dev_json).read_text(encoding="utf-8"))
        logins = [
            one
            for one in dev["logins"]
            if one["role"] == role and clinic_slug in (None, one["clinic"])
        ]
        if not logins:
            sys.exit(f"{dev_json} has no {role} of clinic {clinic_slug or '(any)'}.")
        self.clinic_slug = logins[0]["clinic"]
        self.email = logins[0]["email"]
        self.password = logins[0]["password"]
        self.address = dev["url"].removeprefix("https://")
        self.ca_file = dev["ca"]
        self.socket = dev["grpc"]


def connect(login, raw):
    """Opens a channel: TLS with the server's own authority, or the raw Unix socket."""
    # Health data goes straight to the server, whatever proxy the environment names.
    options = [("grpc.enable_http_proxy", 0)]
    if raw:
        return grpc.insecure_channel(login.socket, options)
    authority = pathlib.Path(login.ca_file).read_bytes()
    return grpc.secure_channel(login.address, grpc.ssl_channel_credentials(authority), options)


def request_id():
    """A new id for a new intent. Repeat a request with the id it had."""
    return str(uuid.uuid4())


class Clinicd:
    """A session with a server. Use it as a context manager: it signs out at the end."""

    def __init__(self, channel, login):
        self.sessions = session_service_pb2_grpc.SessionServiceStub(channel)
        self.practitioners = practitioner_service_pb2_grpc.PractitionerServiceStub(channel)
        self.patients = patient_service_pb2_grpc.PatientServiceStub(channel)
        self.appointments = appointment_service_pb2_grpc.AppointmentServiceStub(channel)
        self._token = None
        answer = self.call(
            self.sessions.SignIn,
            session_service_pb2.SignInRequest(
                clinic_slug=login.clinic_slug, email=login.email, password=login.password
            ),
        )
        self._token = answer.tokens.access_token

    def call(self, method, request):
        """Makes a call and returns its answer, or raises ClinicdError."""
        metadata = [("authorization", f"Bearer {self._token}")] if self._token else []
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return method(request, metadata=metadata, timeout=20)
            except grpc.RpcError as error:
                if error.code() not in _MAY_PASS or attempt == _ATTEMPTS:
                    raise ClinicdError(error) from None
                time.sleep(0.1 * 2**attempt)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.call(
            self.sessions.SignOut, session_service_pb2.SignOutRequest(request_id=request_id())
        )
