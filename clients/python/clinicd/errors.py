"""What a server says of a call that failed."""

import dataclasses
import datetime

import grpc
from google.rpc import error_details_pb2, status_pb2


@dataclasses.dataclass(frozen=True)
class FieldViolation:
    """What is wrong with one field of a request."""

    field: str
    """Path from the request, as in "appointment.local_start"."""
    description: str
    """What the field has to be."""


class ClinicdError(Exception):
    """A call failed. Switch on `reason`, never on the message."""

    def __init__(self, code: grpc.StatusCode, message: str, details: bytes = b""):
        self.code = code
        self.message = message
        self.reason = ""
        """Name of a value of clinicd.type.v1.ErrorReason; empty if no clinicd server named one."""
        self.metadata: dict[str, str] = {}
        """The dynamic parts; what there is for a reason is said in error_reason.proto."""
        self.fields: list[FieldViolation] = []
        """VALIDATION_FAILED: what is wrong with the request."""
        self.retry_delay: datetime.timedelta | None = None
        """How long the server asks to wait before the next attempt."""
        self.request_id = ""
        """INTERNAL: names the call in the server's log."""
        self._read(details)
        super().__init__(f"{code.name} {self.reason}: {message}")

    @classmethod
    def of(cls, error: grpc.RpcError) -> "ClinicdError":
        """The error that gRPC raised, with what details the server sent."""
        details = b""
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                details = value
        return cls(error.code(), error.details() or "", details)

    def _read(self, details: bytes) -> None:
        try:
            status = status_pb2.Status.FromString(details)
        except ValueError:  # Protobuf's DecodeError is one: the details are not what they should be.
            return
        info, request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        retry, call = error_details_pb2.RetryInfo(), error_details_pb2.RequestInfo()
        for detail in status.details:
            if detail.Unpack(info):
                self.reason, self.metadata = info.reason, dict(info.metadata)
            elif detail.Unpack(request):
                self.fields = [FieldViolation(violation.field, violation.description)
                               for violation in request.field_violations]
            elif detail.Unpack(retry):
                self.retry_delay = retry.retry_delay.ToTimedelta()
            elif detail.Unpack(call):
                self.request_id = call.request_id
