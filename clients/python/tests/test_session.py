"""Sessions, against a server that is told what to do."""

import concurrent.futures
import datetime
import unittest
import unittest.mock
import uuid

import grpc
from fake_server import FakeServer, Failure

import clinicd
from clinicd.patients.v1 import patient_service_pb2 as patients_v1
from clinicd.patients.v1 import patient_service_pb2_grpc as patients_v1_grpc

_RETRY = clinicd.RetryPolicy(attempts_max=3, backoff=0.001, backoff_max=0.5)


class SessionTest(unittest.TestCase):
    def setUp(self):
        self.server = FakeServer()
        self.addCleanup(self.server.close)
        self.session = self.server.session(_RETRY)
        self.patients = patients_v1_grpc.PatientServiceStub(self.server.channel)

    def create(self, request_id=""):
        request = patients_v1.CreatePatientRequest(request_id=request_id)
        return self.session.call(self.patients.CreatePatient, request)

    def fail(self, code, reason, **more):  # pylint: disable=arguments-differ
        self.server.failures.append(Failure(code, reason, **more))

    def test_repeats_what_may_pass_with_the_same_request_id(self):
        for code, reason in (
            (grpc.StatusCode.UNAVAILABLE, "DATABASE_UNAVAILABLE"),
            (grpc.StatusCode.ABORTED, "CONFLICT_RETRY"),
            (grpc.StatusCode.RESOURCE_EXHAUSTED, "SERVER_BUSY"),
            (grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_PASSED"),
        ):
            with self.subTest(reason):
                self.server.request_ids.clear()
                self.fail(code, reason)
                self.fail(code, reason)
                self.create()
                self.assertEqual(len(self.server.request_ids), 3)
                (request_id,) = set(self.server.request_ids)
                self.assertEqual(str(uuid.UUID(request_id)), request_id)

    def test_does_not_repeat_what_will_not_pass(self):
        for code, reason in (
            (grpc.StatusCode.INVALID_ARGUMENT, "VALIDATION_FAILED"),
            (grpc.StatusCode.ABORTED, "ETAG_MISMATCH"),
            (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_INVALID"),
        ):
            with self.subTest(reason):
                self.server.request_ids.clear()
                self.fail(code, reason)
                with self.assertRaises(clinicd.ClinicdError) as raised:
                    self.create()
                self.assertEqual(raised.exception.code, code)
                self.assertEqual(raised.exception.reason, reason)
                self.assertEqual(raised.exception.metadata, {"id": "7"})
                self.assertEqual(len(self.server.request_ids), 1)
        self.assertEqual(self.server.refreshes, 0)

    def test_gives_each_call_a_request_id_of_its_own_unless_it_has_one(self):
        self.create()
        self.create()
        self.create("mine")
        first, second, third = self.server.request_ids
        self.assertNotEqual(first, second)
        self.assertEqual(third, "mine")

    def test_gives_up_after_the_last_attempt(self):
        for _ in range(4):
            self.fail(grpc.StatusCode.UNAVAILABLE, "SHUTTING_DOWN")
        with self.assertRaises(clinicd.ClinicdError) as raised:
            self.create()
        self.assertEqual(raised.exception.reason, "SHUTTING_DOWN")
        self.assertEqual(len(self.server.request_ids), 3)

    def test_does_not_wait_longer_than_it_was_told_to(self):
        self.fail(grpc.StatusCode.RESOURCE_EXHAUSTED, "SIGN_IN_THROTTLED", retry_seconds=900)
        with self.assertRaises(clinicd.ClinicdError) as raised:
            self.create()
        self.assertEqual(raised.exception.retry_delay, datetime.timedelta(minutes=15))
        self.assertEqual(len(self.server.request_ids), 1)

    def test_refreshes_before_its_token_expires_once_for_all_threads(self):
        self.server.now += datetime.timedelta(minutes=9) - datetime.timedelta(seconds=1)
        self.create()
        self.server.now += datetime.timedelta(seconds=1)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for answer in [pool.submit(self.create) for _ in range(4)]:
                answer.result()
        self.assertEqual(self.server.refreshes, 1)
        self.assertEqual(self.server.authorizations, ["Bearer first"] + ["Bearer access-1"] * 4)

    def test_refreshes_once_when_its_token_is_refused(self):
        self.fail(grpc.StatusCode.UNAUTHENTICATED, "TOKEN_EXPIRED")
        self.create()
        self.assertEqual(self.server.refreshes, 1)
        self.fail(grpc.StatusCode.UNAUTHENTICATED, "SESSION_REVOKED")
        self.fail(grpc.StatusCode.UNAUTHENTICATED, "SESSION_REVOKED")
        with self.assertRaises(clinicd.ClinicdError) as raised:
            self.create()
        self.assertEqual(raised.exception.reason, "SESSION_REVOKED")
        self.assertEqual(self.server.refreshes, 2)

    def test_lists_the_rows_of_all_pages_and_fetches_none_that_nobody_asked_for(self):
        request = patients_v1.ListPatientsRequest()
        rows = self.session.rows(self.patients.ListPatients, request)
        self.assertEqual([row.id for row in rows], [str(number) for number in range(7)])
        self.assertEqual(self.server.page_tokens, ["", "3", "6"])
        next(self.session.pages(self.patients.ListPatients, request))
        self.assertEqual(len(self.server.page_tokens), 4)


class WaitTest(unittest.TestCase):
    def test_waits_twice_as_long_behind_each_attempt_up_to_the_maximum(self):
        policy = clinicd.RetryPolicy(backoff=1.0, backoff_max=5.0)
        for attempt, longest in ((1, 1.0), (2, 2.0), (3, 4.0), (4, 5.0), (40, 5.0)):
            wait = policy.wait_behind(attempt, None)
            self.assertGreaterEqual(wait, longest / 2)
            self.assertLessEqual(wait, longest)


class ConnectTest(unittest.TestCase):
    def test_knows_an_address_from_what_is_none(self):
        for target in ("", "https://", "http://localhost:1"):
            with self.assertRaises(ValueError):
                clinicd.connect(target)


if __name__ == "__main__":
    unittest.main()
