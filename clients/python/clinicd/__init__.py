"""Client of a clinicd server.

    with clinicd.sign_in(clinicd.connect("https://clinic.example"), slug, email, password) as session:
        patients = PatientServiceStub(session.channel)
        for patient in session.rows(patients.ListPatients, ListPatientsRequest()):
            ...

A session refreshes its tokens, repeats what a server could not take with the same `request_id`, and
raises `ClinicdError`. Messages and services are in `clinicd.<area>.v1`.
"""

from clinicd.channel import connect
from clinicd.errors import ClinicdError, FieldViolation
from clinicd.retry import RetryPolicy, new_request_id
from clinicd.session import Session, Tokens, sign_in
from clinicd.watch import WatchOptions

__all__ = [
    "ClinicdError",
    "FieldViolation",
    "RetryPolicy",
    "Session",
    "Tokens",
    "WatchOptions",
    "connect",
    "new_request_id",
    "sign_in",
]
