#include "services/patients/patient_handlers.h"

#include <optional>
#include <utility>

#include "common/auth/paging.h"
#include "common/base/try.h"
#include "common/rpc/etag.h"
#include "common/status/error.h"
#include "common/validate/patch.h"
#include "services/patients/patient_convert.h"
#include "services/patients/patient_errors.h"
#include "services/patients/patient_rules.h"
#include "services/patients/search_tokens.h"

namespace clinicd::patients {
namespace {

constexpr char kEntity[] = "patient";

auth::PageKey KeyOf(const Patient& patient) {
  return {patient.details.family_name, patient.details.given_name, patient.id.ToString()};
}

absl::StatusOr<NamePosition> PositionOf(auth::PageKey key) {
  if (key.empty()) return NamePosition();
  const std::optional<PatientId> id = PatientId::Parse(key[2]);
  if (!id) return auth::PageTokenInvalid();
  return NamePosition{std::move(key[0]), std::move(key[1]), *id};
}

// The id of a request that has passed the declared rules.
PatientId IdOf(std::string_view text) { return PatientId::Parse(text).value_or(PatientId()); }

// The page of `rows`, one more than fit if there is a next page.
template <typename Response>
absl::StatusOr<Response> Page(std::vector<Patient> rows, std::int32_t page_size,
                              const auth::Pager& pager) {
  Response response;
  CLINICD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(), pager.Cut(rows, page_size, KeyOf));
  for (const Patient& patient : rows) *response.add_patients() = ToProto(patient);
  return response;
}

}  // namespace

absl::StatusOr<v1::Patient> PatientHandlers::GetPatient(const v1::GetPatientRequest& request,
                                                        rpc::Call& call) const {
  const PatientId id = IdOf(request.id());
  call.AuditAccess(kEntity, id.uuid());
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Patient> patient, store_.Find(call.last_tx(), id));
  if (!patient) return PatientNotFound();
  return ToProto(*patient);
}

absl::StatusOr<v1::ListPatientsResponse> PatientHandlers::ListPatients(
    const v1::ListPatientsRequest& request, rpc::Call& call) const {
  const auth::Pager pager(page_tokens_, call.info().identity.clinic, call.info().method->full_name,
                          request);
  CLINICD_ASSIGN_OR_RETURN(auth::PageKey key, pager.Start(request.page_token(), 3));
  CLINICD_ASSIGN_OR_RETURN(const NamePosition after, PositionOf(std::move(key)));
  const std::int32_t page_size = auth::PageSize(request.page_size(), 50, 200);
  call.AuditListAccess(kEntity);
  CLINICD_ASSIGN_OR_RETURN(std::vector<Patient> rows,
                           store_.List(call.last_tx(), after, page_size + 1));
  return Page<v1::ListPatientsResponse>(std::move(rows), page_size, pager);
}

absl::StatusOr<v1::SearchPatientsResponse> PatientHandlers::SearchPatients(
    const v1::SearchPatientsRequest& request, rpc::Call& call) const {
  const std::vector<TokenRange> ranges = SearchRanges(folder_, request.query());
  if (ranges.empty()) return status::InvalidField("query", "must contain a letter or digit");
  const auth::Pager pager(page_tokens_, call.info().identity.clinic, call.info().method->full_name,
                          request);
  CLINICD_ASSIGN_OR_RETURN(auth::PageKey key, pager.Start(request.page_token(), 3));
  CLINICD_ASSIGN_OR_RETURN(const NamePosition after, PositionOf(std::move(key)));
  const std::int32_t page_size = auth::PageSize(request.page_size(), 20, 100);
  call.AuditListAccess(kEntity);
  CLINICD_ASSIGN_OR_RETURN(std::vector<Patient> rows,
                           store_.Search(call.last_tx(), ranges, after, page_size + 1));
  return Page<v1::SearchPatientsResponse>(std::move(rows), page_size, pager);
}

absl::StatusOr<v1::Patient> PatientHandlers::CreatePatient(const v1::CreatePatientRequest& request,
                                                           rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const PatientDetails details,
                           ParsePatient(request.patient(), call.today()));
  const std::vector<std::string> tokens = SearchTokens(folder_, details);
  CLINICD_ASSIGN_OR_RETURN(const Patient patient,
                           store_.Insert(call.tx(), {.id = call.NewId<PatientId>(),
                                                     .details = details,
                                                     .tokens = tokens,
                                                     .created_by = call.user_id(),
                                                     .now = call.now()}));
  const v1::Patient after = ToProto(patient);
  call.AuditChange(kEntity, patient.id.uuid(), nullptr, &after, patient.id);
  return after;
}

absl::StatusOr<v1::Patient> PatientHandlers::UpdatePatient(const v1::UpdatePatientRequest& request,
                                                           rpc::Call& call) const {
  CLINICD_RETURN_IF_ERROR(validate::CheckUpdatable(request.update_mask(), UpdatableFields()));
  CLINICD_ASSIGN_OR_RETURN(const PatientId id, ParseUpdateTarget(request.patient()));
  call.AuditChange(kEntity, id.uuid(), nullptr, nullptr);
  call.ExpectChange({.patient = id});
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Patient> current, store_.Lock(call.tx(), id));
  if (!current) return PatientNotFound();
  // The row of a refused call is in the patient's trail, too.
  call.AuditChange(kEntity, id.uuid(), nullptr, nullptr, id);
  if (request.patient().etag() != rpc::Etag(current->row_version)) return rpc::EtagMismatch();

  const v1::Patient before = ToProto(*current);
  v1::Patient wanted = before;
  validate::CopyFields(request.update_mask(), request.patient(), wanted);
  CLINICD_ASSIGN_OR_RETURN(const PatientDetails details, ParsePatient(wanted, call.today()));
  CLINICD_ASSIGN_OR_RETURN(
      const Patient patient,
      store_.Update(call.tx(), id, details, SearchTokens(folder_, details), call.now()));
  const v1::Patient after = ToProto(patient);
  call.AuditChange(kEntity, id.uuid(), &before, &after, id);
  return after;
}

}  // namespace clinicd::patients
