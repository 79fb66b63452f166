#include "clients/clinicctl/context.h"

#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/clinicctl/dev_login.h"
#include "clients/clinicctl/output.h"
#include "clients/clinicctl/receipt_file.h"
#include "clients/clinicctl/session_file.h"
#include "clinicd/sdk/channel.h"
#include "common/base/try.h"

namespace clinicd::clinicctl {

std::string UserAgent() { return "clinicctl/" CLINICCTL_VERSION; }

Context::Context(CLI::App& program) {
  program.add_option("--dev", dev_,
                     "Directory of `clinicd dev`: works there, signed in for this run only");
  program
      .add_option("--dev-clinic", dev_clinic_, "With --dev: slug of the clinic; default the first")
      ->needs("--dev");
  program.add_option("--dev-role", dev_role_, "With --dev: whose login to use")
      ->needs("--dev")
      ->capture_default_str();
  program.add_flag("--json", json_, "Prints JSON, errors included");
  program.add_option("--receipts", receipts_,
                     "File to add receipts to that prove, later, what was changed here");
}

Context::~Context() {
  // A session that cannot be ended ends by itself.
  if (own_session_) static_cast<void>(session_->SignOut());
}

absl::StatusOr<std::unique_ptr<sdk::Session>> Context::Open() {
  if (!dev_.empty()) {
    CLINICD_ASSIGN_OR_RETURN(const DevLogin login, ReadDevLogin(dev_, dev_clinic_, dev_role_));
    CLINICD_ASSIGN_OR_RETURN(auto channel, sdk::OpenChannel({.target = login.url,
                                                             .ca_file = login.ca_file,
                                                             .user_agent = UserAgent()}));
    return sdk::Session::SignIn(std::move(channel), login.credentials, SessionOptions());
  }
  CLINICD_ASSIGN_OR_RETURN(std::string path, SessionFile::DefaultPath());
  const auto file = std::make_shared<SessionFile>(std::move(path));
  const absl::StatusOr<StoredSession> stored = file->Read();
  if (absl::IsNotFound(stored.status())) {
    return absl::UnauthenticatedError("Nobody is signed in.");
  }
  if (!stored.ok()) return stored.status();
  CLINICD_ASSIGN_OR_RETURN(auto channel, sdk::OpenChannel({.target = stored->url,
                                                           .ca_file = stored->ca_file,
                                                           .user_agent = UserAgent()}));
  return sdk::Session::Resume(std::move(channel), file, SessionOptions());
}

sdk::SessionOptions Context::SessionOptions() {
  sdk::SessionOptions options;
  if (receipts_.empty()) return options;
  options.on_receipt = [this](const audit::v1::Receipt& receipt) {
    receipts_kept_.Update(AppendReceipt(receipts_, receipt));
  };
  return options;
}

absl::Status Context::OpenCheckpoints() {
  if (!dev_.empty() || checkpoint_file_ != nullptr) return absl::OkStatus();
  CLINICD_ASSIGN_OR_RETURN(const std::string path, SessionFile::DefaultPath());
  CLINICD_ASSIGN_OR_RETURN(const StoredSession stored, SessionFile(path).Read());
  checkpoint_file_ = std::make_unique<CheckpointFile>(path, stored.url, stored.clinic);
  return absl::OkStatus();
}

absl::StatusOr<std::reference_wrapper<sdk::CheckpointStore>> Context::Checkpoints() {
  CLINICD_RETURN_IF_ERROR(OpenCheckpoints());
  if (checkpoint_file_ == nullptr) return std::ref<sdk::CheckpointStore>(checkpoint_memory_);
  return std::ref<sdk::CheckpointStore>(*checkpoint_file_);
}

absl::Status Context::SetCheckpointAside() {
  CLINICD_RETURN_IF_ERROR(OpenCheckpoints());
  return checkpoint_file_ == nullptr ? absl::OkStatus() : checkpoint_file_->SetAside();
}

void Context::KeepEvidence(const sdk::AuditAlarm& alarm) {
  if (checkpoint_file_ == nullptr) return;
  if (alarm.kept) std::cerr << "  kept:    " << checkpoint_file_->path() << "\n";
  if (!alarm.shown) return;
  const absl::StatusOr<std::string> path = checkpoint_file_->KeepRefused(*alarm.shown);
  std::cerr << "  shown:   " << (path.ok() ? *path : std::string(path.status().message())) << "\n";
}

absl::StatusOr<std::reference_wrapper<sdk::Session>> Context::Session() {
  if (session_ == nullptr) {
    CLINICD_ASSIGN_OR_RETURN(session_, Open());
    own_session_ = !dev_.empty();
  }
  return std::ref(*session_);
}

absl::StatusOr<std::reference_wrapper<const identity::v1::WhoAmIResponse>> Context::Me() {
  if (me_ == nullptr) {
    CLINICD_ASSIGN_OR_RETURN(sdk::Session & session, Session());
    CLINICD_ASSIGN_OR_RETURN(identity::v1::WhoAmIResponse me, session.WhoAmI());
    me_ = std::make_unique<identity::v1::WhoAmIResponse>(std::move(me));
  }
  return std::cref(*me_);
}

absl::StatusOr<absl::TimeZone> Context::TimeZone() {
  CLINICD_ASSIGN_OR_RETURN(const identity::v1::WhoAmIResponse& me, Me());
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(me.clinic().time_zone(), &zone)) {
    return absl::FailedPreconditionError(
        absl::StrCat("This machine does not know the clinic's time zone ", me.clinic().time_zone(),
                     "; install the package tzdata."));
  }
  return zone;
}

void Context::Finish(std::string_view what, const absl::Status& status) {
  if (!status.ok()) exit_code_ = PrintError(what, status, json_);
  const std::optional<sdk::AuditAlarm> alarm = sdk::AlarmOf(status);
  if (alarm && !json_) KeepEvidence(*alarm);
  if (!receipts_kept_.ok() && status.ok()) {
    exit_code_ = PrintError("keep the receipt", receipts_kept_, json_);
  }
}

}  // namespace clinicd::clinicctl
