// day: the table of a day, live with --watch.
#include <unistd.h>

#include <csignal>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "clients/clinicctl/context.h"
#include "clients/clinicctl/day_board.h"
#include "clients/clinicctl/find.h"
#include "clients/clinicctl/output.h"
#include "clients/clinicctl/text.h"
#include "clinicd/appointments/v1/diary_service.grpc.pb.h"
#include "clinicd/sdk/watch.h"
#include "common/base/try.h"

namespace clinicd::clinicctl {
namespace {

using appointments::v1::AppointmentService;
using appointments::v1::DiaryService;
using appointments::v1::ListAppointmentsRequest;
using appointments::v1::ListAppointmentsResponse;
using appointments::v1::WatchDayEvent;
using appointments::v1::WatchDayRequest;

// Set by the signal handler, which may do no more.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
volatile std::sig_atomic_t stopped = 0;

extern "C" void Stop(int) { stopped = 1; }

void StopOnSignals() {
  struct sigaction action = {};
  action.sa_handler = Stop;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

struct DayOptions {
  std::string date = "today";
  std::string practitioner;
  bool cancelled = false;
  bool watch = false;
};

// What of the day is asked for.
struct DayView {
  absl::CivilDay day = {};
  std::string practitioner_id = {};
  bool cancelled = false;
};

// Has the board show what to know of patients first, and what visits are of, where the caller may
// know it.
void ReadDetails(sdk::Session& session, const DayView& view, DayBoard& board) {
  appointments::v1::GetDiaryRequest request;
  *request.mutable_first_date() = ToDate(view.day);
  request.set_grouping(appointments::v1::GetDiaryRequest::GROUPING_PRACTITIONER);
  if (!view.practitioner_id.empty()) request.add_column_ids(view.practitioner_id);
  request.set_show_cancelled(view.cancelled);
  const auto stub = DiaryService::NewStub(session.channel());
  const auto diary = session.Call(*stub, &DiaryService::Stub::GetDiary, request);
  if (!diary.ok()) {
    if (!absl::IsPermissionDenied(diary.status())) {
      std::cerr << "clinicctl: alerts of patients could not be read\n";
    }
    return board.SetAlerts(std::nullopt);
  }
  std::map<std::string, std::string> alerts;
  std::map<std::string, std::string> visit_types;
  for (const auto& visit : diary->visits()) {
    if (!visit.patient_alert().empty()) alerts[visit.appointment().id()] = visit.patient_alert();
    visit_types[visit.appointment().visit_type_id()] = visit.visit_type_name();
  }
  board.SetAlerts(std::move(alerts));
  board.SetVisitTypes(std::move(visit_types));
}

// Shows a board as it changes: on a terminal the whole table each time, elsewhere a line a change.
class LiveBoard final {
 public:
  // `read_details` gives the board what it shows beside appointments.
  LiveBoard(DayBoard& board, bool json, std::function<void()> read_details)
      : board_(board),
        json_(json),
        terminal_(::isatty(STDOUT_FILENO) == 1),
        read_details_(std::move(read_details)) {}

  // False when nobody reads it any more.
  bool Show(const WatchDayEvent& event) {
    if (json_) {
      PrintJson(event);
      return std::cout.good();
    }
    // Events tell of no alerts, and do not name visit types.
    const bool is_new = event.has_snapshot()
                            ? event.snapshot().last()
                            : event.has_upsert() && !board_.Has(event.upsert().id());
    const bool changed = board_.Apply(event);
    if (is_new) read_details_();
    if (terminal_ && changed) {
      std::cout << "\033[H\033[2J" << board_.Table()
                << absl::FormatTime("\nUp to date at %H:%M:%S; Ctrl-C ends.\n", absl::Now(),
                                    absl::LocalTimeZone())
                << std::flush;
    } else if (changed && event.has_snapshot()) {
      std::cout << board_.Table() << std::flush;
    } else if (changed) {
      std::cout << board_.Line(event) << std::flush;
    }
    return std::cout.good();
  }

 private:
  DayBoard& board_;
  const bool json_;
  const bool terminal_;
  const std::function<void()> read_details_;
};

absl::Status Watch(sdk::Session& session, const DayView& view, DayBoard& board, bool json) {
  StopOnSignals();
  WatchDayRequest request;
  *request.mutable_date() = ToDate(view.day);
  request.set_practitioner_id(view.practitioner_id);
  request.set_show_cancelled(view.cancelled);
  sdk::WatchOptions options;
  options.should_stop = [] { return stopped != 0; };
  options.on_disconnect = [](const absl::Status& status) {
    if (!status.ok() && sdk::MayPass(status)) {
      std::cerr << "clinicctl: connection lost; connecting again\n";
    }
  };
  LiveBoard live(board, json, [&] { ReadDetails(session, view, board); });
  const auto stub = AppointmentService::NewStub(session.channel());
  return sdk::Watch(
      session, *stub, &AppointmentService::Stub::PrepareAsyncWatchDay, request,
      [&](const WatchDayEvent& event) { return live.Show(event); }, options);
}

absl::Status Show(sdk::Session& session, const DayView& view, DayBoard& board, bool json) {
  ListAppointmentsRequest request;
  *request.mutable_date() = ToDate(view.day);
  request.set_practitioner_id(view.practitioner_id);
  request.set_show_cancelled(view.cancelled);
  CLINICD_ASSIGN_OR_RETURN(const ListAppointmentsResponse all, ListDay(session, request));
  if (json) {
    PrintJson(all);
    return absl::OkStatus();
  }
  for (const auto& one : all.appointments()) board.Put(one);
  ReadDetails(session, view, board);
  std::cout << board.Table();
  return absl::OkStatus();
}

absl::Status Day(const DayOptions& options, Context& context) {
  CLINICD_ASSIGN_OR_RETURN(sdk::Session & session, context.Session());
  CLINICD_ASSIGN_OR_RETURN(const absl::TimeZone zone, context.TimeZone());
  CLINICD_ASSIGN_OR_RETURN(const identity::v1::WhoAmIResponse& me, context.Me());
  DayView view{.cancelled = options.cancelled};
  CLINICD_ASSIGN_OR_RETURN(view.day, ParseDay(options.date, absl::ToCivilDay(absl::Now(), zone)));
  std::vector<identity::v1::Practitioner> practitioners;
  if (options.practitioner.empty()) {
    CLINICD_ASSIGN_OR_RETURN(practitioners, ListPractitioners(session));
  } else {
    CLINICD_ASSIGN_OR_RETURN(const identity::v1::Practitioner one,
                             FindPractitioner(session, options.practitioner));
    view.practitioner_id = one.id();
    practitioners.push_back(one);
  }
  DayBoard board({.clinic = me.clinic().name(), .day = view.day, .zone = zone},
                 std::move(practitioners));
  return options.watch ? Watch(session, view, board, context.json())
                       : Show(session, view, board, context.json());
}

}  // namespace

void AddDayCommand(CLI::App& program, Context& context) {
  CLI::App* const day =
      program.add_subcommand("day", "Shows a day by practitioner, in the clinic's time");
  const auto options = std::make_shared<DayOptions>();
  day->add_option("--date", options->date, "2026-11-23, today, tomorrow or +7")
      ->capture_default_str();
  day->add_option("--practitioner", options->practitioner,
                  "Only of this one: id or part of the name");
  day->add_flag("--cancelled", options->cancelled, "Shows cancelled appointments as well");
  day->add_flag("--watch", options->watch,
                "Stays and shows every change; with --json one event a line");
  day->callback([options, &context] { context.Finish("show the day", Day(*options, context)); });
}

}  // namespace clinicd::clinicctl
