// What becomes of appointments: confirm, check-in, seat, complete, no-show, cancel.
#include <functional>
#include <memory>
#include <string>

#include "clients/clinicctl/appointment_text.h"
#include "clients/clinicctl/context.h"
#include "clients/clinicctl/find.h"
#include "common/base/try.h"

namespace clinicd::clinicctl {
namespace {

using appointments::v1::Appointment;
using appointments::v1::AppointmentService;
using Stub = AppointmentService::Stub;

struct ChangeOptions {
  std::string appointment;
  std::string date = "today";
  std::string by = "patient";
  std::string reason;
};

template <typename Request>
using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Appointment*);

absl::StatusOr<Appointment> Find(const ChangeOptions& options, Context& context) {
  CLINICD_ASSIGN_OR_RETURN(sdk::Session & session, context.Session());
  CLINICD_ASSIGN_OR_RETURN(const absl::CivilDay today, Today(context));
  CLINICD_ASSIGN_OR_RETURN(const absl::CivilDay day, ParseDay(options.date, today));
  return FindAppointment(session, options.appointment, day);
}

// Calls one of the verbs with an appointment as it was just found.
template <typename Request>
absl::Status Change(const ChangeOptions& options, Context& context, Method<Request> method,
                    std::string_view done, Request request = {}) {
  CLINICD_ASSIGN_OR_RETURN(sdk::Session & session, context.Session());
  CLINICD_ASSIGN_OR_RETURN(const Appointment found, Find(options, context));
  request.set_id(found.id());
  request.set_etag(found.etag());
  const auto stub = AppointmentService::NewStub(session.channel());
  CLINICD_ASSIGN_OR_RETURN(const Appointment changed, session.Call(*stub, method, request));
  Print(changed, done, context);
  return absl::OkStatus();
}

absl::Status Cancel(const ChangeOptions& options, Context& context) {
  appointments::v1::CancelAppointmentRequest request;
  request.set_reason(options.reason);
  request.set_cancelled_by(options.by == "clinic" ? appointments::v1::CANCELLED_BY_CLINIC
                                                  : appointments::v1::CANCELLED_BY_PATIENT);
  return Change(options, context, &Stub::CancelAppointment, "Cancelled", request);
}

void AddChangeOptions(CLI::App& command, ChangeOptions& options) {
  command
      .add_option("appointment", options.appointment, "Id, or its end as `clinicctl day` prints it")
      ->required();
  command.add_option("--date", options.date, "Day to look for the end of an id on")
      ->capture_default_str();
}

// What a sub-command is called, in the program and in its error.
struct Words {
  std::string command;
  std::string help;
  std::string done;
  std::string what;
};

template <typename Request>
void AddChange(CLI::App& program, Context& context, const Words& words, Method<Request> method) {
  CLI::App* const command = program.add_subcommand(words.command, words.help);
  const auto options = std::make_shared<ChangeOptions>();
  AddChangeOptions(*command, *options);
  command->callback([options, words, method, &context] {
    context.Finish(words.what, Change(*options, context, method, words.done));
  });
}

}  // namespace

void AddAppointmentCommands(CLI::App& program, Context& context) {
  AddChange(program, context,
            {.command = "confirm",
             .help = "Notes that a patient will come",
             .done = "Confirmed",
             .what = "confirm"},
            &Stub::ConfirmAppointment);
  AddChange(program, context,
            {.command = "check-in",
             .help = "Notes that a patient has arrived",
             .done = "Checked in",
             .what = "check in"},
            &Stub::CheckInAppointment);
  AddChange(program, context,
            {.command = "seat",
             .help = "Notes that a patient's treatment begins",
             .done = "In chair",
             .what = "seat the patient"},
            &Stub::SeatAppointment);
  AddChange(program, context,
            {.command = "complete",
             .help = "Notes that a patient's treatment has ended",
             .done = "Completed",
             .what = "complete"},
            &Stub::CompleteAppointment);
  AddChange(program, context,
            {.command = "no-show",
             .help = "Notes that a patient did not come",
             .done = "No show",
             .what = "note a no-show"},
            &Stub::MarkAppointmentNoShow);

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
