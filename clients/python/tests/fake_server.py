"""A server that a test tells what to do, on a Unix socket of its own."""

import concurrent.futures
import datetime
import pathlib
import tempfile
import threading

import grpc
from google.rpc import error_details_pb2, status_pb2

import clinicd
from clinicd.appointments.v1 import appointment_service_pb2_grpc as appointments_v1_grpc
from clinicd.identity.v1 import session_service_pb2 as session_v1
from clinicd.identity.v1 import session_service_pb2_grpc as session_v1_grpc
from clinicd.patients.v1 import patient_service_pb2 as patients_v1
from clinicd.patients.v1 import patient_service_pb2_grpc as patients_v1_grpc


class Failure(Exception):
    """How a call fails."""

    def __init__(self, code, reason, retry_seconds=0):
        super().__init__(reason)
        self.code = code
        status = status_pb2.Status(code=code.value[0])
        info = error_details_pb2.ErrorInfo(reason=reason, domain="clinicd", metadata={"id": "7"})
        status.details.add().Pack(info)
        if retry_seconds:
            retry = error_details_pb2.RetryInfo()
            retry.retry_delay.seconds = retry_seconds
            status.details.add().Pack(retry)
        self.details = status.SerializeToString()

    def end(self, context):
        context.set_trailing_metadata((("grpc-status-details-bin", self.details),))
        context.abort(self.code, "")


class FakeServer(session_v1_grpc.SessionServiceServicer, patients_v1_grpc.PatientServiceServicer,
                 appointments_v1_grpc.AppointmentServiceServicer):
    """Thread-safe as far as tests need it."""

    def __init__(self):
        self.failures = []
        self.request_ids = []
        self.authorizations = []
        self.page_tokens = []
        self.resume_tokens = []
        self.streams = []
        self.refreshes = 0
        self.now = datetime.datetime(2026, 11, 23, 8, tzinfo=datetime.timezone.utc)
        self._lock = threading.Lock()
        self._directory = tempfile.TemporaryDirectory(prefix="clinicd-sdk-")
        self.target = f"unix:{pathlib.Path(self._directory.name) / 'grpc'}"
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(8))
        session_v1_grpc.add_SessionServiceServicer_to_server(self, self._server)
        patients_v1_grpc.add_PatientServiceServicer_to_server(self, self._server)
        appointments_v1_grpc.add_AppointmentServiceServicer_to_server(self, self._server)
        self._server.add_insecure_port(self.target)
        self._server.start()
        self.channel = clinicd.connect(self.target)

    def close(self):
        self.channel.close()
        self._server.stop(0).wait()
        self._directory.cleanup()

    def session(self, retry):
        tokens = clinicd.Tokens("first", self.now + datetime.timedelta(minutes=10), "refresh-0")
        return clinicd.Session(self.channel, tokens, retry, now=lambda: self.now)

    def _answer(self, context):
        with self._lock:
            failure = self.failures.pop(0) if self.failures else None
        if failure:
            failure.end(context)

    # pylint: disable=invalid-name
    def Refresh(self, request, context):
        with self._lock:
            spent = request.refresh_token != f"refresh-{self.refreshes}"
            self.refreshes += 0 if spent else 1
        if spent:
            Failure(grpc.StatusCode.UNAUTHENTICATED, "REFRESH_TOKEN_INVALID").end(context)
        answer = session_v1.RefreshResponse()
        answer.tokens.access_token = f"access-{self.refreshes}"
        answer.tokens.refresh_token = f"refresh-{self.refreshes}"
        answer.tokens.access_expire_time.FromDatetime(self.now + datetime.timedelta(minutes=10))
        return answer

    def CreatePatient(self, request, context):
        with self._lock:
            self.request_ids.append(request.request_id)
            self.authorizations += [value for key, value in context.invocation_metadata()
                                    if key == "authorization"]
        self._answer(context)
        return patients_v1.Patient(id="made")

    def ListPatients(self, request, context):
        self.page_tokens.append(request.page_token)
        self._answer(context)
        first = int(request.page_token or 0)
        answer = patients_v1.ListPatientsResponse()
        for number in range(first, min(first + 3, 7)):
            answer.patients.add(id=str(number))
        if first + 3 < 7:
            answer.next_page_token = str(first + 3)
        return answer

    def WatchDay(self, request, context):
        self.resume_tokens.append(request.resume_token)
        if not self.streams:
            Failure(grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_MISSING").end(context)
        for event in self.streams.pop(0):
            if isinstance(event, Failure):
                event.end(context)
            elif isinstance(event, threading.Event):
                context.add_callback(event.set)
                event.wait()
                return
            else:
                yield event
