#!/usr/bin/python3
"""Works a day at a clinic's front desk, through the API.

    clients/python/front_desk_day.py --dev-json DIR/dev.json [--clinic SLUG] [--raw]

signs in as the clinic's receptionist, finds a patient, looks at the day, books, is refused the same
time again, checks in, cancels, and signs out. `clinicd dev` writes dev.json.
"""

import argparse
import datetime
import sys
import unicodedata
import zoneinfo

from clinicd_client import Clinicd, ClinicdError, Login, connect, request_id

# Generated modules; clinicd_client knows where they are.
from clinicd.appointments.v1 import appointment_service_pb2 as appointments_v1
from clinicd.identity.v1 import practitioner_service_pb2 as practitioners_v1
from clinicd.identity.v1 import session_service_pb2 as sessions_v1
from clinicd.patients.v1 import patient_service_pb2 as patients_v1
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

    def __init__(self, clinicd):
        self.clinicd = clinicd
        self.me = clinicd.call(clinicd.sessions.WhoAmI, sessions_v1.WhoAmIRequest())
        self.zone = zoneinfo.ZoneInfo(self.me.clinic.time_zone)
        self.practitioners = clinicd.call(
            clinicd.practitioners.ListPractitioners, practitioners_v1.ListPractitionersRequest()
        ).practitioners

    def now(self):
        return datetime.datetime.now(self.zone)

    def appointments_on(self, day, practitioner):
        """Returns all appointments of a practitioner on a day, page by page."""
        request = appointments_v1.ListAppointmentsRequest(
            date=date_of(day), practitioner_id=practitioner.id
        )
        rows = []
        while True:
            page = self.clinicd.call(self.clinicd.appointments.ListAppointments, request)
            rows += page.appointments
            if not page.next_page_token:
                return rows
            request.page_token = page.next_page_token

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
        patients = self.clinicd.call(
            self.clinicd.patients.ListPatients, patients_v1.ListPatientsRequest(page_size=200)
        ).patients
        if not patients:
            sys.exit("The clinic has no patients.")
        # Somebody with an accent in a name, if there is anybody.
        wanted = next(
            (one for one in patients if without_accents(full_name(one)).isascii()
             and not full_name(one).isascii()),
            patients[0],
        )
        typed = without_accents(f"{wanted.family_name[:4]} {wanted.given_name[:3]}").lower().strip()
        found = self.clinicd.call(
            self.clinicd.patients.SearchPatients, patients_v1.SearchPatientsRequest(query=typed)
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
                request_id=request_id(),
            )
            try:
                booked = self.clinicd.call(self.clinicd.appointments.CreateAppointment, request)
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
        again.request_id = request_id()
        try:
            self.clinicd.call(self.clinicd.appointments.CreateAppointment, again)
        except ClinicdError as error:
            say(f"The same time again is refused: {error.code.name}, {error.reason}.")
            if error.reason != "APPOINTMENT_SLOT_TAKEN":
                raise
        else:
            sys.exit("The practitioner was booked twice!")

    def repeat(self, request, booked):
        """Shows that a repeated request gets the first answer, as after a lost connection."""
        answer = self.clinicd.call(self.clinicd.appointments.CreateAppointment, request)
        if answer != booked:
            sys.exit("A repeated request got another answer!")
        say("The same request repeated gets the first answer: nothing is booked twice.")

    def check_in(self, booked):
        try:
            arrived = self.clinicd.call(
                self.clinicd.appointments.CheckInAppointment,
                appointments_v1.CheckInAppointmentRequest(
                    id=booked.id, etag=booked.etag, request_id=request_id()
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
        cancelled = self.clinicd.call(
            self.clinicd.appointments.CancelAppointment,
            appointments_v1.CancelAppointmentRequest(
                id=booked.id,
                cancelled_by=appointments_v1.CANCELLED_BY_PATIENT,
                reason="Change of plans",
                etag=booked.etag,
                request_id=request_id(),
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


def main():
    parser = argparse.ArgumentParser(description="Works a day at a clinic's front desk.")
    parser.add_argument("--dev-json", required=True, help="dev.json of `clinicd dev`")
    parser.add_argument("--clinic", help="short name of the clinic; default: the first")
    parser.add_argument("--raw", action="store_true", help="over the Unix socket instead of TLS")
    arguments = parser.parse_args()

    login = Login(arguments.dev_json, arguments.clinic)
    try:
        with connect(login, arguments.raw) as channel, Clinicd(channel, login) as clinicd:
            FrontDesk(clinicd).work()
    except ClinicdError as error:
        sys.exit(f"The server refused: {error}")
    say("Signed out.")


if __name__ == "__main__":
    main()
