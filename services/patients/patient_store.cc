#include "services/patients/patient_store.h"

#include <array>
#include <string_view>

#include "absl/strings/str_join.h"
#include "common/base/try.h"
#include "db/queries/patients.h"
#include "services/patients/patient_errors.h"

namespace clinicd::patients {
namespace {

// As the column keeps them, in the order of Sex.
constexpr std::array<std::string_view, 5> kSexTexts = {"unspecified", "female", "male", "other",
                                                       "unknown"};

std::string_view SexText(Sex sex) { return kSexTexts.at(static_cast<std::size_t>(sex)); }

Sex ReadSex(std::string_view text) {
  for (std::size_t i = 0; i < kSexTexts.size(); ++i) {
    if (kSexTexts.at(i) == text) return static_cast<Sex>(i);
  }
  return Sex::kUnspecified;
}

Patient ReadPatient(const db::RowReader& row) {
  Patient patient;
  patient.id = row.Id<PatientId>("id");
  patient.details.given_name = row.Text("given_name");
  patient.details.family_name = row.Text("family_name");
  patient.details.birth_date = row.Date("born_on");
  patient.details.sex = ReadSex(row.Text("sex"));
  patient.details.file_number = row.TextOrEmpty("file_number");
  patient.details.phone = row.Text("phone");
  patient.details.email = row.Text("email");
  patient.details.address = row.Text("address");
  patient.details.vip = row.Bool("vip");
  patient.details.alert = row.Text("alert");
  patient.details.external_id = row.TextOrEmpty("external_id");
  patient.row_version = row.Int("row_version");
  patient.created_at = row.Time("created_at");
  patient.updated_at = row.Time("updated_at");
  return patient;
}

PatientId ReadId(const db::RowReader& row) { return row.Id<PatientId>("id"); }

db::ConstraintErrors FileNumberErrors() { return {{"patients_file_number_uq", FileNumberTaken}}; }

// What both inserting and updating write.
db::Params DetailParams(PatientId id, const PatientDetails& details, absl::Time now) {
  db::Params params;
  params.Set("id", id)
      .Set("given_name", details.given_name)
      .Set("family_name", details.family_name)
      .Set("born_on", details.birth_date)
      .Set("sex", SexText(details.sex))
      .SetOrNull("file_number", details.file_number)
      .Set("phone", details.phone)
      .Set("email", details.email)
      .Set("address", details.address)
      .Set("vip", details.vip)
      .Set("alert", details.alert)
      .Set("now", now);
  return params;
}

void SetPosition(const NamePosition& after, std::int32_t limit, db::Params& params) {
  params.Set("after_family_name", after.family_name)
      .Set("after_given_name", after.given_name)
      .Set("after_id", after.id)
      .Set("row_limit", limit);
}

db::Params TokenParams(PatientId id, const std::vector<std::string>& tokens) {
  db::Params params;
  params.Set("patient_id", id).Set("tokens", absl::StrJoin(tokens, " "));
  return params;
}

}  // namespace

absl::StatusOr<std::optional<Patient>> PatientStore::Find(db::TenantTx& tx, PatientId id) const {
  return tx.Optional(sql::kGetPatient, db::Params().Set("id", id), ReadPatient);
}

absl::StatusOr<std::optional<Patient>> PatientStore::Lock(db::TenantTx& tx, PatientId id) const {
  return tx.Optional(sql::kLockPatient, db::Params().Set("id", id), ReadPatient);
}

absl::StatusOr<std::vector<Patient>> PatientStore::List(db::TenantTx& tx, const NamePosition& after,
                                                        std::int32_t limit) const {
  db::Params params;
  SetPosition(after, limit, params);
  return tx.Many(sql::kListPatients, params, ReadPatient);
}

absl::StatusOr<std::vector<Patient>> PatientStore::Search(db::TenantTx& tx,
                                                          const std::vector<TokenRange>& ranges,
                                                          const NamePosition& after,
                                                          std::int32_t limit) const {
  struct Word {
    std::string_view from;
    std::string_view to;
  };
  static constexpr std::array<Word, kSearchWordsMax> kWords = {{{"word1_from", "word1_to"},
                                                                {"word2_from", "word2_to"},
                                                                {"word3_from", "word3_to"},
                                                                {"word4_from", "word4_to"},
                                                                {"word5_from", "word5_to"}}};
  db::Params params;
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    const bool given = i < ranges.size();
    params.Set(kWords.at(i).from, given ? std::optional(ranges[i].from) : std::nullopt);
    params.Set(kWords.at(i).to, given ? std::optional(ranges[i].to) : std::nullopt);
  }
  SetPosition(after, limit, params);
  return tx.Many(sql::kSearchPatients, params, ReadPatient);
}

absl::StatusOr<Patient> PatientStore::Insert(db::TenantTx& tx, const NewPatient& patient) const {
  db::Params params = DetailParams(patient.id, patient.details, patient.now);
  params.SetOrNull("external_id", patient.details.external_id)
      .Set("created_by", patient.created_by);
  CLINICD_ASSIGN_OR_RETURN(
      std::optional<Patient> inserted,
      tx.Optional(sql::kInsertPatient, params, ReadPatient, FileNumberErrors()));
  if (!inserted) {
    CLINICD_ASSIGN_OR_RETURN(
        const PatientId existing,
        tx.One(sql::kFindPatientByExternalId,
               db::Params().Set("external_id", patient.details.external_id), ReadId));
    return ExternalIdTaken(existing);
  }
  tx.Defer(sql::kInsertPatientTokens, TokenParams(patient.id, patient.tokens));
  return *std::move(inserted);
}

absl::StatusOr<Patient> PatientStore::Update(db::TenantTx& tx, PatientId id,
                                             const PatientDetails& details,
                                             const std::vector<std::string>& tokens,
                                             absl::Time now) const {
  tx.Defer(sql::kDeletePatientTokens, db::Params().Set("patient_id", id));
  tx.Defer(sql::kInsertPatientTokens, TokenParams(id, tokens));
  return tx.One(sql::kUpdatePatient, DetailParams(id, details, now), ReadPatient,
                FileNumberErrors());
}

}  // namespace clinicd::patients
