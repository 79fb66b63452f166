"""A signed-in client of a clinicd server."""

import dataclasses
import datetime
import threading
from collections.abc import Callable, Iterator

import grpc

from clinicd.errors import ClinicdError
from clinicd.identity.v1 import session_service_pb2 as session_v1
from clinicd.identity.v1 import session_service_pb2_grpc as session_v1_grpc
from clinicd.retry import RetryPolicy, repeat, with_request_id
from clinicd.watch import WatchOptions, watch

# Tokens are exchanged this long before they expire, so that none expires on its way.
_REFRESH_MARGIN = datetime.timedelta(minutes=1)
# The server takes a lost exchange again for ten seconds.
_EXCHANGE_TIMEOUT, _EXCHANGE_DEADLINE = 4.0, 9.0
_WANTS_REFRESH = ("TOKEN_EXPIRED", "SESSION_REVOKED")


def _utc_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


@dataclasses.dataclass(frozen=True)
class Tokens:
    """The tokens of a session. `refresh_token` is good for one exchange."""

    access_token: str
    access_expire_time: datetime.datetime
    refresh_token: str

    @classmethod
    def of(cls, pair: session_v1.TokenPair) -> "Tokens":
        expire_time = pair.access_expire_time.ToDatetime(datetime.timezone.utc)
        return cls(pair.access_token, expire_time, pair.refresh_token)


def sign_in(channel: grpc.Channel, clinic_slug: str, email: str, password: str,
            retry: RetryPolicy = RetryPolicy()) -> "Session":
    """Signs in. Raises ClinicdError."""
    stub = session_v1_grpc.SessionServiceStub(channel)
    request = session_v1.SignInRequest(clinic_slug=clinic_slug, email=email, password=password)
    answer = repeat(retry, lambda timeout: stub.SignIn(request, timeout=timeout))
    return Session(channel, Tokens.of(answer.tokens), retry)


class Session:
    """Keeps the tokens of one session, refreshes them before they expire, and repeats calls that the
    server could not take, with the same `request_id`: a change takes effect once. Thread-safe.

    A context manager: signs out at its end.
    """

    def __init__(self, channel: grpc.Channel, tokens: Tokens, retry: RetryPolicy = RetryPolicy(), *,
                 now: Callable[[], datetime.datetime] = _utc_now):
        self.channel = channel
        self.retry = retry
        self._now = now
        self._sessions = session_v1_grpc.SessionServiceStub(channel)
        # Held during a refresh, so that all threads wait for one.
        self._lock = threading.Lock()
        self._keep(tokens)

    def call(self, method, request):
        """Calls a unary method of a stub, as in call(stub.GetPatient, request), and returns its
        answer. A request whose `request_id` is empty is sent with a new one. Raises ClinicdError."""
        request = with_request_id(request)
        refreshed = False
        while True:
            token = self.access_token()
            metadata = self.metadata(token)
            try:
                return repeat(self.retry, lambda timeout: method(request, metadata=metadata,
                                                                 timeout=timeout))
            except ClinicdError as error:
                if refreshed or error.reason not in _WANTS_REFRESH:
                    raise
            self.refresh(token)
            refreshed = True

    def pages(self, method, request) -> Iterator:
        """The pages of a list, fetched as they are asked for."""
        page_request = type(request)()
        page_request.CopyFrom(request)
        while True:
            page = self.call(method, page_request)
            yield page
            if not page.next_page_token:
                return
            page_request.page_token = page.next_page_token

    def rows(self, method, request) -> Iterator:
        """The rows of all pages of a list: its answer's one repeated field, in order."""
        for page in self.pages(method, request):
            (field,) = (field for field in page.DESCRIPTOR.fields
                        if field.label == field.LABEL_REPEATED)
            yield from getattr(page, field.name)

    def watch(self, method, request, options: WatchOptions = WatchOptions()) -> Iterator:
        """The events of a stream that goes on where it ended; see clinicd.watch."""
        return watch(self, method, request, options)

    def who_am_i(self) -> session_v1.WhoAmIResponse:
        """The caller, their clinic, and what they may do."""
        return self.call(self._sessions.WhoAmI, session_v1.WhoAmIRequest())

    def sign_out(self) -> None:
        """Ends the session on the server."""
        self.call(self._sessions.SignOut, session_v1.SignOutRequest())

    def access_token(self) -> str:
        """The access token to use now, refreshed if it is about to expire."""
        with self._lock:
            if self._now() >= self._refresh_at:
                self._exchange()
            return self._tokens.access_token

    def refresh(self, stale: str) -> None:
        """Exchanges the tokens, unless that was done since `stale` was the access token."""
        with self._lock:
            if self._tokens.access_token == stale:
                self._exchange()

    @staticmethod
    def metadata(access_token: str) -> list[tuple[str, str]]:
        """What a call made without call() is to carry."""
        return [("authorization", f"Bearer {access_token}")]

    def _exchange(self) -> None:
        request = session_v1.RefreshRequest(refresh_token=self._tokens.refresh_token)
        policy = dataclasses.replace(
            self.retry,
            attempt_timeout=min(self.retry.attempt_timeout, _EXCHANGE_TIMEOUT),
            deadline=min(self.retry.deadline, _EXCHANGE_DEADLINE))
        answer = repeat(policy, lambda timeout: self._sessions.Refresh(request, timeout=timeout))
        self._keep(Tokens.of(answer.tokens))

    def _keep(self, tokens: Tokens) -> None:
        self._tokens = tokens
        # At least a minute from now: where this machine's clock is ahead of the server's, every
        # token looks expired. One that is leads to TOKEN_EXPIRED, and so to a refresh as well.
        self._refresh_at = max(tokens.access_expire_time - _REFRESH_MARGIN,
                               self._now() + _REFRESH_MARGIN)

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_) -> None:
        self.sign_out()
