// book, slots, move.
#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "clients/clinicctl/appointment_text.h"
#include "clients/clinicctl/context.h"
#include "clients/clinicctl/find.h"
#include "clients/clinicctl/output.h"
#include "clients/clinicctl/text.h"
#include "clients/clinicctl/visit_form.h"
#include "common/base/try.h"

namespace clinicd::clinicctl {
namespace {

using appointments::v1::Allocation;
using appointments::v1::Appointment;
using appointments::v1::AppointmentService;
using appointments::v1::FindSlotsRequest;
using appointments::v1::FindSlotsResponse;
using appointments::v1::Opening;
using appointments::v1::RescheduleAppointmentRequest;

constexpr std::string_view kMainSite = "main site";

struct BookOptions {
  VisitWishes wishes;
  std::string at;
  std::string request_id;
};

struct SlotOptions {
  std::string visit_type;
  int minutes = 0;
  std::string patient;
  std::string practitioner;
  std::string location;
  std::string from = "today";
  std::string to;
  std::string between;
  int limit = 10;
};

struct MoveOptions {
  std::string appointment;
  std::string date = "today";
  std::string at;
  int minutes = 0;
  std::string practitioner;
  std::string chair;
  std::string reason;
};

absl::Status Book(const BookOptions& options, Context& context) {
  CLINICD_ASSIGN_OR_RETURN(sdk::Session & session, context.Session());
  CLINICD_ASSIGN_OR_RETURN(const absl::CivilDay today, Today(context));
  VisitWishes wishes = options.wishes;
  CLINICD_ASSIGN_OR_RETURN(wishes.local_start, LocalStart(options.at, today));
  appointments::v1::CreateAppointmentRequest request;
  CLINICD_ASSIGN_OR_RETURN(*request.mutable_appointment(), MakeVisit(session, wishes));
  request.set_request_id(options.request_id);
  const auto stub = AppointmentService::NewStub(session.channel());
  CLINICD_ASSIGN_OR_RETURN(
      const Appointment booked,
      session.Call(*stub, &AppointmentService::Stub::CreateAppointment, request));
  Print(booked, "Booked", context);
  return absl::OkStatus();
}

// What of a search is named.
absl::Status NameIn(const SlotOptions& options, sdk::Session& session, FindSlotsRequest& request) {
  if (!options.visit_type.empty()) {
    CLINICD_ASSIGN_OR_RETURN(const auto type, FindVisitType(session, options.visit_type));
    request.set_visit_type_id(type.id());
  }
  if (!options.patient.empty()) {
    CLINICD_ASSIGN_OR_RETURN(const auto patient, FindPatient(session, options.patient));
    request.set_patient_id(patient.id());
  }
  if (!options.practitioner.empty()) {
    CLINICD_ASSIGN_OR_RETURN(const auto who, FindPractitioner(session, options.practitioner));
    request.add_practitioner_ids(who.id());
  }
  if (Folded(options.location) == kMainSite) {
    request.set_main_site(true);
  } else if (!options.location.empty()) {
    CLINICD_ASSIGN_OR_RETURN(const auto location, FindLocation(session, options.location));
    request.add_location_ids(location.id());
  }
  return absl::OkStatus();
}

absl::StatusOr<FindSlotsRequest> SearchOf(const SlotOptions& options, absl::CivilDay today,
                                          sdk::Session& session) {
  FindSlotsRequest request;
  CLINICD_ASSIGN_OR_RETURN(const absl::CivilDay first, ParseDay(options.from, today));
  // A week, unless it is said.
  absl::CivilDay last = first + 6;
  if (!options.to.empty()) {
    CLINICD_ASSIGN_OR_RETURN(last, ParseDay(options.to, today));
  }
  *request.mutable_first_date() = ToDate(first);
  *request.mutable_last_date() = ToDate(last);
  request.set_duration_minutes(options.minutes);
  request.set_limit(options.limit);
  if (!options.between.empty()) {
    const std::pair<std::string, std::string> hours = absl::StrSplit(options.between, '-');
    request.add_windows()->set_local_from(hours.first);
    request.mutable_windows(0)->set_local_to(hours.second);
  }
  CLINICD_RETURN_IF_ERROR(NameIn(options, session, request));
  return request;
}

// Names by id, of everybody and everything that openings mention.
absl::StatusOr<std::map<std::string, std::string>> NamesById(sdk::Session& session) {
  std::map<std::string, std::string> names = {{"", std::string(kMainSite)}};
  CLINICD_ASSIGN_OR_RETURN(const auto practitioners, ListPractitioners(session));
  for (const auto& one : practitioners) names[one.id()] = FullName(one);
  CLINICD_ASSIGN_OR_RETURN(const auto locations, ListLocations(session));
  for (const auto& one : locations) names[one.id()] = FullName(one);
  CLINICD_ASSIGN_OR_RETURN(const auto resources,
                           ListResources(session, appointments::v1::RESOURCE_KIND_UNSPECIFIED));
  for (const auto& one : resources) names[one.id()] = FullName(one);
  return names;
}

std::vector<std::string> CellsOf(const Opening& opening,
                                 const std::map<std::string, std::string>& names) {
  const auto name = [&names](const std::string& id) {
    const auto found = names.find(id);
    return Printable(found == names.end() ? ShortId(id) : found->second);
  };
  std::vector<std::string> others;
  for (const Allocation& part : opening.appointment().allocations()) {
    const std::string one = name(part.resource_id());
    const bool is_practitioner = part.resource_id() == opening.appointment().practitioner_id();
    if (!is_practitioner && std::ranges::find(others, one) == others.end()) others.push_back(one);
  }
  return {LocalText(opening.appointment().local_start()),
          absl::StrCat(opening.appointment().duration_minutes(), " min"),
          name(opening.appointment().practitioner_id()), name(opening.location_id()),
          absl::StrJoin(others, ", ")};
}

absl::Status Slots(const SlotOptions& options, Context& context) {
  CLINICD_ASSIGN_OR_RETURN(sdk::Session & session, context.Session());
  CLINICD_ASSIGN_OR_RETURN(const absl::CivilDay today, Today(context));
  CLINICD_ASSIGN_OR_RETURN(const FindSlotsRequest request, SearchOf(options, today, session));
  const auto stub = appointments::v1::ScheduleService::NewStub(session.channel());
  CLINICD_ASSIGN_OR_RETURN(
      const FindSlotsResponse found,
      session.Call(*stub, &appointments::v1::ScheduleService::Stub::FindSlots, request));
  if (context.json()) {
    PrintJson(found);
    return absl::OkStatus();
  }
  if (found.openings().empty()) {
    std::cout << "Nothing is free then.\n";
    return absl::OkStatus();
  }
  CLINICD_ASSIGN_OR_RETURN(const auto names, NamesById(session));
  std::vector<std::vector<std::string>> rows;
  for (const Opening& opening : found.openings()) rows.push_back(CellsOf(opening, names));
  std::cout << Aligned(rows, "");
  return absl::OkStatus();
}

// Who and what serves the moved visit; for the whole of a visit also where it gets longer.
void PutParts(const Appointment& found, const appointments::v1::Resource& chair,
              RescheduleAppointmentRequest& request) {
  auto& parts = *request.mutable_allocations()->mutable_allocations();
  parts = found.allocations();
  for (Allocation& part : parts) {
    const bool to_the_end =
        part.offset_minutes() + part.duration_minutes() == found.duration_minutes();
    if (to_the_end) part.clear_duration_minutes();
    const bool moves = part.resource_id() == found.practitioner_id();
    if (moves && !request.practitioner_id().empty()) {
      part.set_resource_id(request.practitioner_id());
    }
  }
  PutChair(chair, parts);
}

absl::Status Move(const MoveOptions& options, Context& context) {
  CLINICD_ASSIGN_OR_RETURN(sdk::Session & session, context.Session());
  CLINICD_ASSIGN_OR_RETURN(const absl::CivilDay today, Today(context));
  CLINICD_ASSIGN_OR_RETURN(const absl::CivilDay day, ParseDay(options.date, today));
  CLINICD_ASSIGN_OR_RETURN(const Appointment found,
                           FindAppointment(session, options.appointment, day));
  RescheduleAppointmentRequest request;
  request.set_id(found.id());
  request.set_etag(found.etag());
  request.set_reason(options.reason);
  request.set_duration_minutes(options.minutes);
  if (!options.at.empty()) {
    absl::CivilMinute start(day);
    absl::ParseCivilTime(found.local_start(), &start);
    CLINICD_ASSIGN_OR_RETURN(*request.mutable_local_start(),
                             LocalStart(options.at, absl::CivilDay(start)));
  }
  if (!options.practitioner.empty()) {
    CLINICD_ASSIGN_OR_RETURN(const auto who, FindPractitioner(session, options.practitioner));
    request.set_practitioner_id(who.id());
  }
  if (!options.chair.empty()) {
    CLINICD_ASSIGN_OR_RETURN(const auto chair, FindChair(session, options.chair));
    PutParts(found, chair, request);
  }
  const auto stub = AppointmentService::NewStub(session.channel());
  CLINICD_ASSIGN_OR_RETURN(
      const Appointment moved,
      session.Call(*stub, &AppointmentService::Stub::RescheduleAppointment, request));
  Print(moved, "Moved", context);
  return absl::OkStatus();
}

void AddBook(CLI::App& program, Context& context) {
  CLI::App* const book = program.add_subcommand("book", "Books a visit of a patient");
  const auto options = std::make_shared<BookOptions>();
  VisitWishes& wishes = options->wishes;
  book->add_option("--patient", wishes.patient, "Id, or a query that finds exactly one")
      ->required();
  book->add_option("--practitioner", wishes.practitioner,
                   "Id, or part of the name; with a visit type default: who is free");
  CLI::Option* const type = book->add_option(
      "--visit-type", wishes.visit_type, "Id, or part of the name; it says what the visit needs");
  book->add_option("--chair", wishes.chair, "Id, or part of the name");
  book->add_option("--at", options->at, "09:30 for today, or 2026-11-23T09:30; the clinic's time")
      ->required();
  book->add_option("--minutes", wishes.minutes, "How long")
      ->check(CLI::Range(1, 1440))
      ->capture_default_str()
      ->excludes(type);
  book->add_option("--reason", wishes.reason, "What the visit is for");
  book->add_option("--request-id", options->request_id,
                   "UUID; the same again books no second time. Default: a new one");
  book->callback([options, &context] { context.Finish("book", Book(*options, context)); });
}

void AddSlots(CLI::App& program, Context& context) {
  CLI::App* const slots = program.add_subcommand("slots", "Shows when a visit could be");
  const auto options = std::make_shared<SlotOptions>();
  CLI::Option* const type =
      slots->add_option("--visit-type", options->visit_type, "Id, or part of the name");
  slots->add_option("--minutes", options->minutes, "How long, where there is no visit type")
      ->check(CLI::Range(1, 1440))
      ->excludes(type);
  slots->add_option("--patient", options->patient, "Who cannot be in two visits at once");
  slots->add_option("--practitioner", options->practitioner, "Only with: id, or part of the name");
  slots->add_option("--location", options->location,
                    "Only at: id, part of the name, or 'main site'");
  slots->add_option("--from", options->from, "2026-11-23, today, tomorrow or +7")
      ->capture_default_str();
  slots->add_option("--to", options->to,
                    "The last day, up to 61 days later; default: 6 days later");
  slots->add_option("--between", options->between, "Only then, as 09:00-13:00");
  slots->add_option("--limit", options->limit, "Most times to show")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  slots->callback(
      [options, &context] { context.Finish("look for free times", Slots(*options, context)); });
}

void AddMove(CLI::App& program, Context& context) {
  CLI::App* const move = program.add_subcommand(
      "move", "Moves an appointment, to another time, practitioner or chair");
  const auto options = std::make_shared<MoveOptions>();
  move->add_option("appointment", options->appointment,
                   "Id, or its end as `clinicctl day` prints it")
      ->required();
  move->add_option("--date", options->date, "Day to look for the end of an id on")
      ->capture_default_str();
  move->add_option("--at", options->at, "09:30 of its day, or 2026-11-23T09:30");
  move->add_option("--minutes", options->minutes, "How long")->check(CLI::Range(1, 1440));
  move->add_option("--practitioner", options->practitioner, "Id, or part of the name");
  move->add_option("--chair", options->chair, "Id, or part of the name");
  move->add_option("--reason", options->reason, "Why");
  move->callback([options, &context] { context.Finish("move", Move(*options, context)); });
}

}  // namespace

void AddBookingCommands(CLI::App& program, Context& context) {
  AddBook(program, context);
  AddSlots(program, context);
  AddMove(program, context);
}

}  // namespace clinicd::clinicctl
