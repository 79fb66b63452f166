// book, check-in, cancel.
#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "clients/clinicctl/context.h"
#include "clients/clinicctl/find.h"
#include "clients/clinicctl/output.h"
#include "clients/clinicctl/text.h"
#include "common/base/try.h"

namespace clinicd::clinicctl {
namespace {

using appointments::v1::Appointment;
using appointments::v1::AppointmentService;

struct BookOptions {
  std::string patient;
  std::string practitioner;
  std::string at;
  int minutes = 30;
  std::string reason;
  std::string request_id;
};

struct ChangeOptions {
  std::string appointment;
  std::string date = "today";
  std::string by = "patient";
  std::string reason;
};

absl::StatusOr<absl::CivilDay> Today(Context& context) {
  CLINICD_ASSIGN_OR_RETURN(const absl::TimeZone zone, context.TimeZone());
  return absl::ToCivilDay(absl::Now(), zone);
}

// "09:30" of today or "2026-11-23 09:30", as the API writes local times.
absl::StatusOr<std::string> LocalStart(const std::string& at, absl::CivilDay today) {
  const std::string text = at.size() <= std::string("09:30").size()
                               ? absl::StrCat(absl::FormatCivilTime(today), "T", at)
                               : absl::StrReplaceAll(at, {{" ", "T"}});
  absl::CivilMinute start;
  if (text.size() != std::string("2026-11-23T09:30").size() ||
      !absl::ParseCivilTime(text, &start)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", at, "' is no time; write 09:30 for today, or 2026-11-23T09:30."));
  }
  return text;
}

void Print(const Appointment& appointment, std::string_view done, const Context& context) {
  if (context.json()) {
    PrintJson(appointment);
    return;
  }
  std::cout << done << ": "
            << Printable(absl::StrCat(appointment.patient_given_name(), " ",
                                      appointment.patient_family_name()))
            << ", " << absl::StrReplaceAll(appointment.local_start(), {{"T", " "}}) << " ("
            << appointment.time_zone() << "), " << appointment.duration_minutes() << " min, id "
            << ShortId(appointment.id()) << "\n";
}

absl::Status Book(const BookOptions& options, Context& context) {
  CLINICD_ASSIGN_OR_RETURN(sdk::Session & session, context.Session());
  CLINICD_ASSIGN_OR_RETURN(const absl::CivilDay today, Today(context));
  appointments::v1::CreateAppointmentRequest request;
  Appointment& wanted = *request.mutable_appointment();
  CLINICD_ASSIGN_OR_RETURN(*wanted.mutable_local_start(), LocalStart(options.at, today));
  CLINICD_ASSIGN_OR_RETURN(const patients::v1::Patient patient,
                           FindPatient(session, options.patient));
  CLINICD_ASSIGN_OR_RETURN(const identity::v1::Practitioner practitioner,
                           FindPractitioner(session, options.practitioner));
  wanted.set_patient_id(patient.id());
  wanted.set_practitioner_id(practitioner.id());
  wanted.set_duration_minutes(options.minutes);
  wanted.set_reason(options.reason);
  request.set_request_id(options.request_id);
  const auto stub = AppointmentService::NewStub(session.channel());
  CLINICD_ASSIGN_OR_RETURN(
      const Appointment booked,
      session.Call(*stub, &AppointmentService::Stub::CreateAppointment, request));
  Print(booked, "Booked", context);
  return absl::OkStatus();
}

absl::StatusOr<Appointment> Find(const ChangeOptions& options, Context& context) {
  CLINICD_ASSIGN_OR_RETURN(sdk::Session & session, context.Session());
  CLINICD_ASSIGN_OR_RETURN(const absl::CivilDay today, Today(context));
  CLINICD_ASSIGN_OR_RETURN(const absl::CivilDay day, ParseDay(options.date, today));
  return FindAppointment(session, options.appointment, day);
}

absl::Status CheckIn(const ChangeOptions& options, Context& context) {
  CLINICD_ASSIGN_OR_RETURN(sdk::Session & session, context.Session());
  CLINICD_ASSIGN_OR_RETURN(const Appointment found, Find(options, context));
  appointments::v1::CheckInAppointmentRequest request;
  request.set_id(found.id());
  request.set_etag(found.etag());
  const auto stub = AppointmentService::NewStub(session.channel());
  CLINICD_ASSIGN_OR_RETURN(
      const Appointment arrived,
      session.Call(*stub, &AppointmentService::Stub::CheckInAppointment, request));
  Print(arrived, "Checked in", context);
  return absl::OkStatus();
}

absl::Status Cancel(const ChangeOptions& options, Context& context) {
  CLINICD_ASSIGN_OR_RETURN(sdk::Session & session, context.Session());
  CLINICD_ASSIGN_OR_RETURN(const Appointment found, Find(options, context));
  appointments::v1::CancelAppointmentRequest request;
  request.set_id(found.id());
  request.set_etag(found.etag());
  request.set_reason(options.reason);
  request.set_cancelled_by(options.by == "clinic" ? appointments::v1::CANCELLED_BY_CLINIC
                                                  : appointments::v1::CANCELLED_BY_PATIENT);
  const auto stub = AppointmentService::NewStub(session.channel());
  CLINICD_ASSIGN_OR_RETURN(
      const Appointment cancelled,
      session.Call(*stub, &AppointmentService::Stub::CancelAppointment, request));
  Print(cancelled, "Cancelled", context);
  return absl::OkStatus();
}

void AddChangeOptions(CLI::App& command, ChangeOptions& options) {
  command
      .add_option("appointment", options.appointment, "Id, or its end as `clinicctl day` prints it")
      ->required();
  command.add_option("--date", options.date, "Day to look for the end of an id on")
      ->capture_default_str();
}

}  // namespace

void AddAppointmentCommands(CLI::App& program, Context& context) {
  CLI::App* const book = program.add_subcommand("book", "Books a patient with a practitioner");
  const auto booking = std::make_shared<BookOptions>();
  book->add_option("--patient", booking->patient, "Id, or a query that finds exactly one")
      ->required();
  book->add_option("--practitioner", booking->practitioner, "Id, or part of the name")->required();
  book->add_option("--at", booking->at, "09:30 for today, or 2026-11-23T09:30; the clinic's time")
      ->required();
  book->add_option("--minutes", booking->minutes, "How long")
      ->check(CLI::Range(1, 1440))
      ->capture_default_str();
  book->add_option("--reason", booking->reason, "What the visit is for");
  book->add_option("--request-id", booking->request_id,
                   "UUID; the same again books no second time. Default: a new one");
  book->callback([booking, &context] { context.Finish("book", Book(*booking, context)); });

  CLI::App* const check_in = program.add_subcommand("check-in", "Notes that a patient has arrived");
  const auto arrival = std::make_shared<ChangeOptions>();
  AddChangeOptions(*check_in, *arrival);
  check_in->callback(
      [arrival, &context] { context.Finish("check in", CheckIn(*arrival, context)); });

  CLI::App* const cancel = program.add_subcommand("cancel", "Cancels an appointment");
  const auto cancellation = std::make_shared<ChangeOptions>();
  AddChangeOptions(*cancel, *cancellation);
  cancel->add_option("--reason", cancellation->reason, "Why")->required();
  cancel->add_option("--by", cancellation->by, "On whose side: patient or clinic")
      ->check(CLI::IsMember({"patient", "clinic"}))
      ->capture_default_str();
  cancel->callback(
      [cancellation, &context] { context.Finish("cancel", Cancel(*cancellation, context)); });
}

}  // namespace clinicd::clinicctl
