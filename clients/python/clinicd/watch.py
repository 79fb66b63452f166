"""Streams that go on where they ended."""

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator

import grpc

from clinicd.errors import ClinicdError
from clinicd.retry import may_pass

_WANTS_REFRESH = ("TOKEN_EXPIRED", "SESSION_REVOKED")


def _ignore(_: ClinicdError | None) -> None:
    pass


@dataclasses.dataclass(frozen=True)
class WatchOptions:
    """How patient a watch is. Times are in seconds."""

    silence_max: float = 45.0
    """A stream that says nothing for so long, not even a heartbeat, is given up and opened again."""
    failures_max: int = 0
    """Streams that may fail one behind the other without an event between them; 0: any number."""
    on_disconnect: Callable[[ClinicdError | None], None] = _ignore
    """Told why a stream ended (None: the server ended it in good order) before the next is opened."""
    sleep: Callable[[float], None] = time.sleep


class _Watchdog:
    """Cancels a call that has said nothing for too long."""

    def __init__(self, call, silence_max: float):
        self._call = call
        self._silence_max = silence_max
        self._changed = threading.Condition()
        # None while the caller works on an event: silence is the server's alone.
        self._heard_at: float | None = time.monotonic()
        self._done = False
        self.barked = False
        threading.Thread(target=self._run, daemon=True).start()

    def pause(self) -> None:
        with self._changed:
            self._heard_at = None

    def listen(self) -> None:
        with self._changed:
            self._heard_at = time.monotonic()
            self._changed.notify()

    def stop(self) -> None:
        with self._changed:
            self._done = True
            self._changed.notify()

    def _run(self) -> None:
        with self._changed:
            while not self._done:
                if self._heard_at is None:
                    self._changed.wait()
                    continue
                left = self._heard_at + self._silence_max - time.monotonic()
                if left <= 0:
                    self.barked = True
                    self._call.cancel()
                    return
                self._changed.wait(left)


def _stream(session, token, method, request, options) -> Iterator:
    """The events of one stream."""
    call = method(request, metadata=session.metadata(token))
    watchdog = _Watchdog(call, options.silence_max)
    try:
        for event in call:
            watchdog.pause()
            yield event
            watchdog.listen()
    except grpc.RpcError as raised:
        if watchdog.barked:
            raise ClinicdError(grpc.StatusCode.UNAVAILABLE,
                               "The server has said nothing for too long.") from None
        raise ClinicdError.of(raised) from None
    finally:
        watchdog.stop()
        call.cancel()


def _refreshed(session, token: str) -> ClinicdError | None:
    try:
        session.refresh(token)
    except ClinicdError as error:
        return error
    return None


def watch(session, method, request, options: WatchOptions) -> Iterator:
    """Yields the events of `method`, until the caller stops or the server refuses for good.

    A stream that breaks, ends, or falls silent is opened again with the latest `resume_token`: at
    once the first time, then with the waits of the session's retry policy. An event may come twice.
    The token is taken when the caller asks for the next event. Raises ClinicdError.
    """
    sent = type(request)()
    sent.CopyFrom(request)
    failures, refreshed = 0, False
    while True:
        error, token = None, ""
        try:
            token = session.access_token()
            for event in _stream(session, token, method, sent, options):
                failures, refreshed = 0, False
                yield event
                if event.resume_token:
                    sent.resume_token = event.resume_token
        except ClinicdError as raised:
            error = raised
        options.on_disconnect(error)

        if error and error.reason in _WANTS_REFRESH and token and not refreshed:
            error = _refreshed(session, token)
            refreshed = error is None
            if refreshed:
                continue
        if error and error.reason == "RESUME_TOKEN_INVALID" and sent.resume_token:
            sent.resume_token = ""
            continue
        if error and not may_pass(error):
            raise error
        failures += 1
        if options.failures_max and failures > options.failures_max:
            raise error or ClinicdError(grpc.StatusCode.UNAVAILABLE,
                                        "The server ends every stream at once.")
        if failures > 1:
            wait = session.retry.wait_behind(failures - 1, error)
            options.sleep(min(wait, session.retry.backoff_max))
