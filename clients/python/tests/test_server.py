"""The SDK against a real server: the one whose dev.json is named by CLINICD_DEV_JSON."""

import datetime
import json
import os
import pathlib
import unittest

import grpc

import clinicd
from clinicd.appointments.v1 import appointment_service_pb2 as appointments_v1
from clinicd.appointments.v1 import appointment_service_pb2_grpc as appointments_v1_grpc
from clinicd.identity.v1 import practitioner_service_pb2 as practitioners_v1
from clinicd.identity.v1 import practitioner_service_pb2_grpc as practitioners_v1_grpc
from clinicd.identity.v1 import user_service_pb2 as users_v1
from clinicd.identity.v1 import user_service_pb2_grpc as users_v1_grpc
from clinicd.patients.v1 import patient_service_pb2 as patients_v1
from clinicd.patients.v1 import patient_service_pb2_grpc as patients_v1_grpc

_DEV_JSON = os.environ.get("CLINICD_DEV_JSON")


class LostAnswer(grpc.RpcError):
    """What a client sees when the connection breaks before the answer arrives."""

    def code(self):
        return grpc.StatusCode.UNAVAILABLE

    def details(self):
        return "The connection broke."

    def trailing_metadata(self):
        return ()


@unittest.skipUnless(_DEV_JSON, "CLINICD_DEV_JSON names no server")
class ServerTest(unittest.TestCase):
    def setUp(self):
        self.dev = json.loads(pathlib.Path(_DEV_JSON).read_text(encoding="utf-8"))
        self.channel = clinicd.connect(self.dev["url"], self.dev["ca"])
        self.addCleanup(self.channel.close)
        self.session = self.sign_in("receptionist")
        self.patients = patients_v1_grpc.PatientServiceStub(self.channel)
        self.appointments = appointments_v1_grpc.AppointmentServiceStub(self.channel)

    def sign_in(self, role):
        login = next(login for login in self.dev["logins"] if login["role"] == role)
        return clinicd.sign_in(self.channel, login["clinic"], login["email"], login["password"])

    def booking(self, local_start):
        practitioners = practitioners_v1_grpc.PractitionerServiceStub(self.channel)
        practitioner = next(self.session.rows(
            practitioners.ListPractitioners, practitioners_v1.ListPractitionersRequest()))
        patient = next(self.session.rows(
            self.patients.ListPatients, patients_v1.ListPatientsRequest(page_size=1)))
        return appointments_v1.CreateAppointmentRequest(
            appointment=appointments_v1.Appointment(
                patient_id=patient.id, practitioner_id=practitioner.id, local_start=local_start,
                duration_minutes=30))

    def on_day(self, year):
        request = appointments_v1.ListAppointmentsRequest(date={"year": year, "month": 1, "day": 7})
        return list(self.session.rows(self.appointments.ListAppointments, request))

    def test_books_once_when_the_first_answer_is_lost(self):
        sent = []

        def lossy(request, **arguments):
            answer = self.appointments.CreateAppointment(request, **arguments)
            sent.append((request.request_id, answer.id))
            if len(sent) == 1:
                raise LostAnswer()
            return answer

        booked = self.session.call(lossy, self.booking("2031-01-07T10:00"))

        self.assertEqual(sent, [(sent[0][0], booked.id)] * 2)
        self.assertEqual([row.id for row in self.on_day(2031)], [booked.id])

    def test_raises_what_the_server_says_of_an_error(self):
        self.session.call(self.appointments.CreateAppointment, self.booking("2032-01-07T10:00"))
        with self.assertRaises(clinicd.ClinicdError) as raised:
            self.session.call(self.appointments.CreateAppointment, self.booking("2032-01-07T10:15"))
        self.assertEqual(raised.exception.code, grpc.StatusCode.FAILED_PRECONDITION)
        self.assertEqual(raised.exception.reason, "APPOINTMENT_SLOT_TAKEN")

        request = self.booking("tomorrow")
        request.appointment.duration_minutes = 0
        with self.assertRaises(clinicd.ClinicdError) as raised:
            self.session.call(self.appointments.CreateAppointment, request)
        self.assertEqual(raised.exception.reason, "VALIDATION_FAILED")
        self.assertEqual([violation.field for violation in raised.exception.fields],
                         ["appointment.local_start", "appointment.duration_minutes"])

    def test_lists_several_pages_as_one(self):
        request = patients_v1.ListPatientsRequest(page_size=10)
        ids = [row.id for row in self.session.rows(self.patients.ListPatients, request)]
        self.assertGreater(len(ids), 20)
        self.assertEqual(len(ids), len(set(ids)))

    def test_refreshes_its_tokens(self):
        # pylint: disable=protected-access
        first = self.session._tokens.refresh_token
        self.session.refresh(self.session.access_token())
        second = self.session._tokens.refresh_token
        self.assertNotEqual(second, first)
        # Tokens that look as if they expire soon are exchanged without being asked for.
        later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        self.session._now = lambda: later
        self.assertTrue(self.session.who_am_i().user.id)
        third = self.session._tokens.refresh_token
        self.assertNotEqual(third, second)
        self.assertTrue(self.session.who_am_i().user.id)
        self.assertEqual(self.session._tokens.refresh_token, third)

    def test_goes_on_when_its_rights_have_changed(self):
        before = self.session.access_token()
        me = self.session.who_am_i().user
        users = users_v1_grpc.UserServiceStub(self.channel)
        with self.sign_in("owner") as owner:
            for roles in ([users_v1.ROLE_RECEPTIONIST, users_v1.ROLE_ASSISTANT],
                          [users_v1.ROLE_RECEPTIONIST]):
                user = owner.call(users.GetUser, users_v1.GetUserRequest(id=me.id))
                owner.call(users.SetUserRoles, users_v1.SetUserRolesRequest(
                    id=me.id, roles=roles, etag=user.etag))
        # The server ends the old token within a second; only a refresh helps then.
        deadline = datetime.datetime.now() + datetime.timedelta(seconds=10)
        while self.session.access_token() == before and datetime.datetime.now() < deadline:
            self.assertEqual(self.session.who_am_i().user.id, me.id)
        self.assertNotEqual(self.session.access_token(), before)

    def test_watches_a_day(self):
        request = appointments_v1.WatchDayRequest(date={"year": 2033, "month": 1, "day": 7})
        events = self.session.watch(self.appointments.WatchDay, request)
        self.addCleanup(events.close)
        while not next(events).snapshot.last:
            pass
        booked = self.session.call(
            self.appointments.CreateAppointment, self.booking("2033-01-07T10:00"))
        for event in events:
            if event.HasField("upsert"):
                self.assertEqual(event.upsert.id, booked.id)
                break


if __name__ == "__main__":
    unittest.main()
