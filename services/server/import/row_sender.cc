#include "services/server/import/row_sender.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "clinicd/sdk/error.h"
#include "common/base/text.h"
#include "common/status/error.h"

namespace clinicd::importer {

using status::ErrorReason;

namespace {

bool IsAboutTime(const absl::Status& status) {
  const ErrorReason reason = status::ReasonOf(status);
  return reason == ErrorReason::APPOINTMENT_SLOT_TAKEN ||
         reason == ErrorReason::NONEXISTENT_LOCAL_TIME;
}

}  // namespace

bool IdTable::Claim(const std::string& source_id) {
  const absl::MutexLock lock(&mutex_);
  return ids_.try_emplace(source_id).second;
}

void IdTable::Resolve(const std::string& source_id, std::string server_id) {
  const absl::MutexLock lock(&mutex_);
  ids_[source_id] = std::move(server_id);
}

std::string IdTable::Find(const std::string& source_id) const {
  const absl::MutexLock lock(&mutex_);
  const auto entry = ids_.find(source_id);
  return entry == ids_.end() ? std::string() : entry->second;
}

RowFate FateOf(const absl::Status& status) {
  if (status.ok()) return RowFate::kCreated;
  switch (status::ReasonOf(status)) {
    case ErrorReason::LOCATION_EXTERNAL_ID_TAKEN:
    case ErrorReason::PRACTITIONER_EXTERNAL_ID_TAKEN:
    case ErrorReason::PATIENT_EXTERNAL_ID_TAKEN:
    case ErrorReason::APPOINTMENT_EXTERNAL_ID_TAKEN:
      return RowFate::kExisting;
    case ErrorReason::STEP_UP_REQUIRED:
    case ErrorReason::ERROR_REASON_UNSPECIFIED:
      // An error without a reason comes from something between here and the server.
      return RowFate::kStopped;
    default:
      break;
  }
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    // A defect of the server with this row; the next may be well.
    case absl::StatusCode::kInternal:
      return RowFate::kRefused;
    default:
      return RowFate::kStopped;
  }
}

Refusal RefusalOf(const absl::Status& status) {
  Refusal refusal{.reason = type::v1::ErrorReason_Name(status::ReasonOf(status)),
                  .message = std::string(FromAbsl(status.message()))};
  google::rpc::BadRequest bad_request;
  const google::rpc::Status details = status::DetailsOf(status);
  for (const auto& detail : details.details()) {
    if (!detail.UnpackTo(&bad_request)) continue;
    for (const auto& violation : bad_request.field_violations()) {
      absl::StrAppend(&refusal.message, " ", violation.field(), " ", violation.description(), ".");
    }
  }
  return refusal;
}

void RowSender::Submit(Row row, IdTable& ids, Send send) {
  const std::size_t lane = row.lane;
  lanes_.Submit(lane, [this, &ids, row = std::move(row), send = std::move(send)] {
    if (!stopped_) Run(row, ids, send);
  });
}

void RowSender::Run(const Row& row, IdTable& ids, const Send& send) {
  const absl::StatusOr<std::string> id = send();
  switch (FateOf(id.status())) {
    case RowFate::kCreated:
      ids.Resolve(row.source_id, *id);
      report_.CountCreated(row.file);
      break;
    case RowFate::kExisting:
      ids.Resolve(row.source_id, sdk::MetadataOf(id.status(), "id"));
      report_.CountExisting(row.file);
      break;
    case RowFate::kRefused: {
      Refusal refusal = RefusalOf(id.status());
      if (IsAboutTime(id.status())) {
        refusal.column = row.time_column;
        refusal.field = row.time_field;
      }
      report_.Refuse(row.file, row.line, std::move(refusal));
      break;
    }
    case RowFate::kStopped: {
      const absl::MutexLock lock(&mutex_);
      stopped_ = true;
      status_.Update(id.status());
      return;
    }
  }
  progress_.Advance();
}

absl::Status RowSender::Drain() {
  lanes_.Drain();
  const absl::MutexLock lock(&mutex_);
  return status_;
}

}  // namespace clinicd::importer
