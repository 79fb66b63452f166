"""When, and how often, a call is repeated."""

import dataclasses
import random
import time
import uuid
from collections.abc import Callable
from typing import TypeVar

import grpc

from clinicd.errors import ClinicdError

_Answer = TypeVar("_Answer")

_MAY_PASS = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
)


@dataclasses.dataclass(frozen=True)
class RetryPolicy:
    """All times are in seconds."""

    attempt_timeout: float = 20.0
    """Of each attempt."""
    deadline: float = 60.0
    """Of all attempts and the waits between them."""
    attempts_max: int = 5
    backoff: float = 0.1
    """The wait behind the first attempt; twice as long behind each further one, up to the maximum,
    and at random between half of it and all of it. A server that asks for a longer wait gets it; one
    that asks for more than the maximum ends the call."""
    backoff_max: float = 5.0

    def wait_behind(self, attempt: int, error: ClinicdError | None) -> float:
        """How long to wait behind the attempt of this number, counted from 1."""
        longest = min(self.backoff * 2 ** min(attempt - 1, 20), self.backoff_max)
        asked = error.retry_delay.total_seconds() if error and error.retry_delay else 0.0
        return max(longest * random.uniform(0.5, 1.0), asked)


def may_pass(error: ClinicdError) -> bool:
    """Whether the same request may succeed later."""
    if error.code == grpc.StatusCode.ABORTED:
        return error.reason != "ETAG_MISMATCH"
    return error.code in _MAY_PASS


def new_request_id() -> str:
    """A new id for a new intent. A repetition has the id of the first attempt."""
    return str(uuid.uuid4())


def with_request_id(request):
    """The request, with a new `request_id` if it has such a field and it is empty."""
    field = request.DESCRIPTOR.fields_by_name.get("request_id")
    if field is None or request.request_id:
        return request
    filled = type(request)()
    filled.CopyFrom(request)
    filled.request_id = new_request_id()
    return filled


def repeat(policy: RetryPolicy, attempt: Callable[[float], _Answer],
           sleep: Callable[[float], None] = time.sleep) -> _Answer:
    """Calls `attempt` with the seconds it has, until it succeeds or the policy ends the call."""
    end = time.monotonic() + policy.deadline
    for attempts in range(1, policy.attempts_max + 1):
        try:
            return attempt(min(policy.attempt_timeout, end - time.monotonic()))
        except grpc.RpcError as raised:
            error = ClinicdError.of(raised)
        wait = policy.wait_behind(attempts, error)
        late = wait > policy.backoff_max or time.monotonic() + wait >= end
        if not may_pass(error) or attempts == policy.attempts_max or late:
            raise error
        sleep(wait)
    raise ValueError("A policy allows at least one attempt.")
