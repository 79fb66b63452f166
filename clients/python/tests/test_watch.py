"""Watches, against a server that is told what to do."""

import threading
import unittest

import grpc
from fake_server import FakeServer, Failure

import clinicd
from clinicd.appointments.v1 import appointment_service_pb2 as appointments_v1
from clinicd.appointments.v1 import appointment_service_pb2_grpc as appointments_v1_grpc

_BROKEN = Failure(grpc.StatusCode.UNAVAILABLE, "DATABASE_UNAVAILABLE")


def removal(appointment_id, resume_token):
    return appointments_v1.WatchDayEvent(
        remove=appointments_v1.AppointmentRemoval(id=appointment_id), resume_token=resume_token)


class WatchTest(unittest.TestCase):
    def setUp(self):
        self.server = FakeServer()
        self.addCleanup(self.server.close)
        self.session = self.server.session(clinicd.RetryPolicy(backoff=1.0, backoff_max=4.0))
        self.stub = appointments_v1_grpc.AppointmentServiceStub(self.server.channel)
        self.waits = []
        self.ended = []

    def watch(self, **options):
        """Watches until the server refuses for good; what came, and the error."""
        options = clinicd.WatchOptions(
            sleep=self.waits.append,
            on_disconnect=lambda error: self.ended.append(error and error.reason), **options)
        ids = []
        try:
            for event in self.session.watch(
                    self.stub.WatchDay, appointments_v1.WatchDayRequest(), options):
                ids.append(event.remove.id)
        except clinicd.ClinicdError as error:
            return ids, error
        return ids, None

    def test_goes_on_behind_the_last_event_when_a_stream_breaks_or_ends(self):
        self.server.streams = [
            [removal("a", "1"), removal("b", ""), _BROKEN],
            [removal("c", "3")],
            [removal("d", "4"), Failure(grpc.StatusCode.UNAUTHENTICATED, "TOKEN_EXPIRED")],
        ]
        ids, error = self.watch()
        self.assertEqual(ids, ["a", "b", "c", "d"])
        self.assertEqual(self.server.resume_tokens, ["", "1", "3", "4"])
        self.assertEqual(self.ended, ["DATABASE_UNAVAILABLE", None, "TOKEN_EXPIRED",
                                      "PERMISSION_MISSING"])
        self.assertEqual(self.server.refreshes, 1)
        self.assertEqual(error.reason, "PERMISSION_MISSING")

    def test_waits_longer_and_longer_while_streams_fail_and_begins_anew_after_an_event(self):
        self.server.streams = [[_BROKEN], [_BROKEN], [_BROKEN], [removal("a", "1")], [_BROKEN]]
        self.watch()
        first, second, third = self.waits
        self.assertTrue(0.5 <= first <= 1.0)
        self.assertTrue(1.0 <= second <= 2.0)
        self.assertTrue(0.5 <= third <= 1.0)

    def test_gives_up_after_the_failures_it_may_have(self):
        self.server.streams = [[_BROKEN]] * 4
        _, error = self.watch(failures_max=2)
        self.assertEqual(error.reason, "DATABASE_UNAVAILABLE")
        self.assertEqual(len(self.server.streams), 1)

    def test_begins_anew_when_the_server_does_not_take_its_resume_token(self):
        refused = Failure(grpc.StatusCode.INVALID_ARGUMENT, "RESUME_TOKEN_INVALID")
        self.server.streams = [[removal("a", "1")], [refused], [removal("b", "2")]]
        ids, _ = self.watch()
        self.assertEqual(ids, ["a", "b"])
        self.assertEqual(self.server.resume_tokens, ["", "1", "", "2"])

    def test_opens_a_new_stream_when_the_server_falls_silent(self):
        self.server.streams = [[removal("a", "1"), threading.Event()]]
        ids, error = self.watch(silence_max=0.05)
        self.assertEqual(ids, ["a"])
        self.assertEqual(self.server.resume_tokens, ["", "1"])
        self.assertEqual(error.reason, "PERMISSION_MISSING")


if __name__ == "__main__":
    unittest.main()
