#!/usr/bin/python3
"""Works a day at a clinic's front desk, through the API.

    clients/python/front_desk_day.py --dev-json DIR/dev.json [--clinic SLUG] [--raw]

signs in as the clinic's receptionist, finds a patient, looks at the day, books, is refused the same
time again, checks in, cancels, and signs out. `clinicd dev` writes dev.json.
"""

import argparse
import datetime
import itertools
import json
import pathlib
import sys
import unicodedata
import zoneinfo

import sdk_path  # noqa: F401  pylint: disable=unused-import

# pylint: disable=wrong-import-order
import clinicd
from clinicd import ClinicdError
from clinicd.appointments.v1 import appointment_service_pb2 as appointments_v1
from clinicd.appointments.v1 import appointment_service_pb2_grpc as appointments_v1_grpc
from clinicd.identity.v1 import practitioner_service_pb2 as practitioners_v1
from clinicd.identity.v1 import practitioner_service_pb2_grpc as practitioners_v1_grpc
from clinicd.patients.v1 import patient_service_pb2 as patients_v1
from clinicd.patients.v1 import patient_service_pb2_grpc as patients_v1_grpc
from google.type import date_pb2

HALF_HOUR = datetime.timedelta(minutes=30)
# Reasons why a time cannot be booked while another may be.
NOT_THIS_TIME = ("APPOINTMENT_SLOT_TAKEN", "NONEXISTENT_LOCAL_TIME")


def say(text=""):
    print(text, flush=True)


def without_accents(text):
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def full_name(person):
    return f"{person.given_name} {person.family_name}"


def date_of(day):
    return date_pb2.Date(year=day.year, month=day.month, day=day.day)


class FrontDesk:
    """A receptionist at work."""

    def __init__(self, session):
        self.session = session
        self.patients = patients_v1_grpc.PatientServiceStub(session.channel)
        self.appointments = appointments_v1_grpc.AppointmentServiceStub(session.channel)
        practitioners = practitioners_v1_grpc.PractitionerServiceStub(session.channel)
        self.me = session.who_am_i()
        self.zone = zoneinfo.ZoneInfo(self.me.clinic.time_zone)
        self.practitioners = list(session.rows(
            practitioners.ListPractitioners, practitioners_v1.ListPractitionersRequest()))

    def now(self):
        return datetime.datetime.now(self.zone)

    def appointments_on(self, day, practitioner):
        """Returns all appointments of a practitioner on a day."""
        request = appointments_v1.ListAppointmentsRequest(
            date=date_of(day), practitioner_id=practitioner.id
        )
        return list(self.session.rows(self.appointments.ListAppointments, request))

    def show_day(self):
        say(f"The day, {self.now():%A %d %B}:")
        for practitioner in self.practitioners:
            rows = self.appointments_on(self.now().date(), practitioner)
            say(f"  {full_name(practitioner)} ({practitioner.speciality}): {len(rows)}")
            for row in rows:
                state = appointments_v1.Appointment.State.Name(row.state)[len("STATE_") :].lower()
                name = f"{row.patient_given_name} {row.patient_family_name}"
                say(f"    {row.local_start[-5:]} {row.duration_minutes:3} min  {name}  ({state})")

    def find_patient(self):
        """Finds a patient as one types: beginnings of names, in any order, without accents."""
        patients = list(itertools.islice(self.session.rows(
            self.patients.ListPatients, patients_v1.ListPatientsRequest(page_size=200)), 200))
        if not patients:
            sys.exit("The clinic has no patients.")
        # Somebody with an accent in a name, if there is anybody.
        wanted = next(
            (one for one in patients if without_accents(full_name(one)).isascii()
             and not full_name(one).isascii()),
            patients[0],
        )
        typed = without_accents(f"{wanted.family_name[:4]} {wanted.given_name[:3]}").lower().strip()
        found = self.session.call(
            self.patients.SearchPatients, patients_v1.SearchPatientsRequest(query=typed)
        ).patients
        say(f'Typed "{typed}", found {len(found)}:')
        for one in found:
            born = one.birth_date
            say(f"    {full_name(one)}, born {born.year}-{born.month:02}-{born.day:02}")
        return next(one for one in found if one.id == wanted.id)

    def free_half_hours(self):
        """Yields (practitioner, start) of free half hours, soonest first, for a day from now."""
        now = self.now()
        start = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
        busy = {
            practitioner.id: [
                (row.start_time.ToDatetime(datetime.timezone.utc),
                 row.end_time.ToDatetime(datetime.timezone.utc))
                for days in (0, 1)
                for row in self.appointments_on(
                    now.date() + datetime.timedelta(days=days), practitioner)
            ]
            for practitioner in self.practitioners
        }
        for step in range(1, 49):
            begin = start + step * HALF_HOUR
            for practitioner in self.practitioners:
                if all(end <= begin or begin + HALF_HOUR <= from_ for from_, end in busy[practitioner.id]):
                    yield practitioner, begin

    def book(self, patient, reason):
        """Books the next free half hour. Returns the request and the appointment."""
        for practitioner, begin in self.free_half_hours():
            request = appointments_v1.CreateAppointmentRequest(
                appointment=appointments_v1.Appointment(
                    patient_id=patient.id,
                    practitioner_id=practitioner.id,
                    local_start=f"{begin:%Y-%m-%dT%H:%M}",
                    duration_minutes=30,
                    reason=reason,
                ),
                request_id=clinicd.new_request_id(),
            )
            try:
                booked = self.session.call(self.appointments.CreateAppointment, request)
            except ClinicdError as error:
                # Somebody else was quicker, or clocks go forward: the next one.
                if error.reason in NOT_THIS_TIME:
                    continue
                raise
            say(f"Booked {full_name(patient)} with {full_name(practitioner)} at {booked.local_start}.")
            return request, booked
        sys.exit("Nobody has a free half hour within a day.")

    def book_same_time_again(self, request):
        """Shows that a practitioner is never booked twice, and what the error says."""
        again = appointments_v1.CreateAppointmentRequest()
        again.CopyFrom(request)
        again.request_id = clinicd.new_request_id()
        try:
            self.session.call(self.appointments.CreateAppointment, again)
        except ClinicdError as error:
            say(f"The same time again is refused: {error.code.name}, {error.reason}.")
            if error.reason != "APPOINTMENT_SLOT_TAKEN":
                raise
        else:
            sys.exit("The practitioner was booked twice!")

    def repeat(self, request, booked):
        """Shows that a repeated request gets the first answer, as after a lost connection."""
        answer = self.session.call(self.appointments.CreateAppointment, request)
        if answer != booked:
            sys.exit("A repeated request got another answer!")
        say("The same request repeated gets the first answer: nothing is booked twice.")

    def check_in(self, booked):
        try:
            arrived = self.session.call(
                self.appointments.CheckInAppointment,
                appointments_v1.CheckInAppointmentRequest(
                    id=booked.id, etag=booked.etag, request_id=clinicd.new_request_id()
                ),
            )
        except ClinicdError as error:
            if error.reason != "APPOINTMENT_OUTSIDE_ARRIVAL_WINDOW":
                raise
            say(f"Too early to check in; possible from {error.metadata['earliest_time']}.")
            return
        at = arrived.arrive_time.ToDatetime(datetime.timezone.utc).astimezone(self.zone)
        say(f"Checked in at {at:%H:%M}.")

    def cancel(self, booked):
        cancelled = self.session.call(
            self.appointments.CancelAppointment,
            appointments_v1.CancelAppointmentRequest(
                id=booked.id,
                cancelled_by=appointments_v1.CANCELLED_BY_PATIENT,
                reason="Change of plans",
                etag=booked.etag,
                request_id=clinicd.new_request_id(),
            ),
        )
        say(f"Cancelled {cancelled.local_start}: {cancelled.cancel_reason}. The time is free again.")

    def work(self):
        user, clinic = self.me.user, self.me.clinic
        say(f"Signed in to {clinic.name} ({clinic.time_zone}) as {full_name(user)}, {user.email}.")
        patient = self.find_patient()
        self.show_day()
        request, booked = self.book(patient, "Check-up")
        self.book_same_time_again(request)
        self.repeat(request, booked)
        self.check_in(booked)
        _, other = self.book(patient, "Second opinion")
        self.cancel(other)


def receptionist(dev, arguments):
    """The login of a receptionist, of the wanted clinic or the first."""
    for login in dev["logins"]:
        if login["role"] == "receptionist" and arguments.clinic in (None, login["clinic"]):
            return login
    wanted = arguments.clinic or "(any)"
    sys.exit(f"{arguments.dev_json} has no receptionist of clinic {wanted}.")


def main():
    parser = argparse.ArgumentParser(description="Works a day at a clinic's front desk.")
    parser.add_argument("--dev-json", required=True, help="dev.json of `clinicd dev`")
    parser.add_argument("--clinic", help="short name of the clinic; default: the first")
    parser.add_argument("--raw", action="store_true", help="over the Unix socket instead of TLS")
    arguments = parser.parse_args()

    dev = json.loads(pathlib.Path(arguments.dev_json).read_text(encoding="utf-8"))
    login = receptionist(dev, arguments)
    # The raw socket is plain text: only for the machine that the server runs on.
    target = (dev["grpc"], None) if arguments.raw else (dev["url"], dev["ca"])
    try:
        with (
            clinicd.connect(*target) as channel,
            clinicd.sign_in(channel, login["clinic"], login["email"], login["password"]) as session,
        ):
            FrontDesk(session).work()
    except ClinicdError as error:
        sys.exit(f"The server refused: {error}")
    say("Signed out.")


if __name__ == "__main__":
    main()
