// What the sub-commands of clinicctl share.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/clinicctl/checkpoint_file.h"
#include "clinicd/identity/v1/session_service.pb.h"
#include "clinicd/sdk/audit_log.h"
#include "clinicd/sdk/session.h"

namespace clinicd::clinicctl {

// The options in front of a sub-command, and the session that it works in.
class Context final {
 public:
  // Adds the options to the program.
  explicit Context(CLI::App& program);
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  Context(Context&&) = delete;
  Context& operator=(Context&&) = delete;
  // Ends a session that was begun for this run only.
  ~Context();

  bool json() const { return json_; }
  // Directory of a development server; empty if none is named. Its clinic and role.
  const std::string& dev() const { return dev_; }
  const std::string& dev_role() const { return dev_role_; }

  // The session that `sign-in` left, or, with --dev, one for this run only.
  absl::StatusOr<std::reference_wrapper<sdk::Session>> Session();
  // The caller; asked for once.
  absl::StatusOr<std::reference_wrapper<const identity::v1::WhoAmIResponse>> Me();
  // The time zone of the clinic.
  absl::StatusOr<absl::TimeZone> TimeZone();

  // Where the last checkpoint of the clinic's audit log is kept: beside the session, or, with
  // --dev, for this run only.
  absl::StatusOr<std::reference_wrapper<sdk::CheckpointStore>> Checkpoints();
  // Puts the kept checkpoint aside.
  absl::Status SetCheckpointAside();

  // Keeps how the run ended; `what` is what could not be done, as in "book".
  void Finish(std::string_view what, const absl::Status& status);
  int exit_code() const { return exit_code_; }

 private:
  absl::StatusOr<std::unique_ptr<sdk::Session>> Open();
  sdk::SessionOptions SessionOptions();
  absl::Status OpenCheckpoints();
  // Keeps what the server showed as evidence beside what was kept.
  void KeepEvidence(const sdk::AuditAlarm& alarm);

  std::string dev_;
  std::string dev_clinic_;
  std::string dev_role_ = "receptionist";
  bool json_ = false;
  bool own_session_ = false;
  std::unique_ptr<sdk::Session> session_;
  std::unique_ptr<identity::v1::WhoAmIResponse> me_;
  // One of them, as soon as it is asked for.
  std::unique_ptr<CheckpointFile> checkpoint_file_;
  sdk::MemoryCheckpointStore checkpoint_memory_;
  std::string receipts_;
  absl::Status receipts_kept_;
  int exit_code_ = 0;
};

// "clinicctl/VERSION".
std::string UserAgent();

// A sub-command adds itself to the program; its callback calls context.Finish().
void AddSessionCommands(CLI::App& program, Context& context);
void AddPatientCommands(CLI::App& program, Context& context);
void AddDayCommand(CLI::App& program, Context& context);
void AddBookingCommands(CLI::App& program, Context& context);
void AddAppointmentCommands(CLI::App& program, Context& context);
void AddAuditCommands(CLI::App& program, Context& context);

}  // namespace clinicd::clinicctl
