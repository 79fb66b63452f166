#include "services/server/import/importer.h"

#include <array>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "clinicd/sdk/error.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "services/server/import/row_sender.h"
#include "services/server/import/synthea_mapping.h"

namespace clinicd::importer {
namespace {

std::span<const ColumnSpec> ColumnsOf(SyntheaFile file) {
  switch (file) {
    case SyntheaFile::kOrganizations:
      return kOrganizationColumns;
    case SyntheaFile::kProviders:
      return kProviderColumns;
    case SyntheaFile::kPatients:
      return kPatientColumns;
    case SyntheaFile::kEncounters:
      return kEncounterColumns;
  }
  return {};
}

// One run of an import.
class Import final {
 public:
  Import(const ImportOptions& options, ImportTarget& target, const Clock& clock, Progress& progress)
      : options_(options),
        target_(target),
        clock_(clock),
        progress_(progress),
        report_(options.dry_run),
        sender_(options.in_flight, report_, progress) {}

  ImportResult Run() {
    const absl::Status status = Steps();
    return {.status = status, .report = report_.Report()};
  }

 private:
  absl::Status Steps();
  absl::Status OpenTables();
  std::optional<Refusal> OpenTable(SyntheaFile file);
  absl::Status ImportFile(SyntheaFile file);
  void Take(SyntheaFile file, const SyntheaRow& row);
  void TakeOrganization(const SyntheaRow& row);
  void TakeProvider(const SyntheaRow& row);
  void TakePatient(const SyntheaRow& row);
  void TakeEncounter(const SyntheaRow& row);
  // Has a practitioner created who works at a location of the clinic; empty: nowhere in particular.
  absl::StatusOr<std::string> CreateAt(const std::string& location,
                                       const identity::v1::Practitioner& practitioner);
  // Has `create` called for the row, unless its id came before in the file or this is a dry run.
  void Send(RowSender::Row row, IdTable& ids, std::string_view id_column, RowSender::Send create);
  void Refuse(SyntheaFile file, std::int64_t line, Refusal refusal);

  SyntheaTable& TableOf(SyntheaFile file) { return *tables_.at(static_cast<std::size_t>(file)); }
  std::size_t PlaceOf(SyntheaFile file, std::size_t spec) { return TableOf(file).places()[spec]; }

  const ImportOptions& options_;
  ImportTarget& target_;
  const Clock& clock_;
  Progress& progress_;
  MappingOptions mapping_;
  std::array<std::optional<SyntheaTable>, kSyntheaFiles.size()> tables_;
  IdTable organizations_;
  IdTable practitioners_;
  IdTable patients_;
  IdTable appointments_;
  ReportCollector report_;
  // Last: its threads use the others.
  RowSender sender_;
};

absl::Status Import::Steps() {
  CLINICD_RETURN_IF_ERROR(OpenTables());
  CLINICD_ASSIGN_OR_RETURN(mapping_.time_zone, target_.ClinicTimeZone());
  mapping_.today = absl::ToCivilDay(clock_.Now(), mapping_.time_zone);
  mapping_.keep_digits = options_.keep_digits;
  for (const SyntheaFile file : kSyntheaFiles) CLINICD_RETURN_IF_ERROR(ImportFile(file));
  if (options_.dry_run) {
    report_.Note(
        "This was a dry run: nothing was sent. Only the server knows which rows exist "
        "already and which appointments clash.");
  }
  return absl::OkStatus();
}

absl::Status Import::OpenTables() {
  std::string wrong;
  for (const SyntheaFile file : kSyntheaFiles) {
    std::optional<Refusal> refusal = OpenTable(file);
    if (!refusal) continue;
    absl::StrAppend(&wrong, wrong.empty() ? "" : " ", ToAbsl(NameOf(file)),
                    ".csv: ", refusal->message);
    report_.RefuseFile(file, *std::move(refusal));
  }
  if (wrong.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("Nothing was imported from ", options_.directory, ". ", wrong));
}

std::optional<Refusal> Import::OpenTable(SyntheaFile file) {
  absl::StatusOr<std::unique_ptr<ByteSource>> source =
      OpenFile(absl::StrCat(options_.directory, "/", ToAbsl(NameOf(file)), ".csv"));
  if (!source.ok()) {
    return RefusalAt(0, "", absl::IsNotFound(source.status()) ? "FILE_MISSING" : "FILE_UNREADABLE",
                     FromAbsl(source.status().message()));
  }
  std::variant<SyntheaTable, Refusal> table =
      SyntheaTable::Open(*std::move(source), ColumnsOf(file));
  if (auto* refusal = std::get_if<Refusal>(&table)) return std::move(*refusal);
  tables_.at(static_cast<std::size_t>(file)) = std::get<SyntheaTable>(std::move(table));
  if (TableOf(file).encoding() == Encoding::kWindows1252) {
    report_.Note(
        absl::StrCat(ToAbsl(NameOf(file)), ".csv is not UTF-8; it was read as Windows-1252."));
  }
  return std::nullopt;
}

absl::Status Import::ImportFile(SyntheaFile file) {
  SyntheaTable& table = TableOf(file);
  progress_.Start(NameOf(file), table.line_count());
  absl::Status status;
  while (!sender_.stopped()) {
    absl::StatusOr<std::optional<std::variant<SyntheaRow, DamagedRow>>> row = table.Next();
    status = row.status();
    if (!status.ok() || !row->has_value()) break;
    report_.CountRead(file);
    if (auto* damaged = std::get_if<DamagedRow>(&**row)) {
      Refuse(file, damaged->line, std::move(damaged->refusal));
    } else {
      Take(file, std::get<SyntheaRow>(**row));
    }
  }
  status.Update(sender_.Drain());
  progress_.Finish();
  return status;
}

void Import::Take(SyntheaFile file, const SyntheaRow& row) {
  switch (file) {
    case SyntheaFile::kOrganizations:
      return TakeOrganization(row);
    case SyntheaFile::kProviders:
      return TakeProvider(row);
    case SyntheaFile::kPatients:
      return TakePatient(row);
    case SyntheaFile::kEncounters:
      return TakeEncounter(row);
  }
}

void Import::Refuse(SyntheaFile file, std::int64_t line, Refusal refusal) {
  report_.Refuse(file, line, std::move(refusal));
  progress_.Advance();
}

void Import::Send(RowSender::Row row, IdTable& ids, std::string_view id_column,
                  RowSender::Send create) {
  if (!ids.Claim(row.source_id)) {
    return Refuse(row.file, row.line,
                  RefusalAt(PlaceOf(row.file, 0), id_column, "ID_REPEATED",
                            "An earlier row of the file has the same id."));
  }
  if (options_.dry_run) {
    ids.Resolve(row.source_id, row.source_id);
    report_.CountValid(row.file);
    progress_.Advance();
    return;
  }
  sender_.Submit(std::move(row), ids, std::move(create));
}

void Import::TakeOrganization(const SyntheaRow& row) {
  constexpr SyntheaFile kFile = SyntheaFile::kOrganizations;
  Mapped<MappedOrganization> mapped = MapOrganization(row, TableOf(kFile).places(), mapping_);
  if (auto* refusal = std::get_if<Refusal>(&mapped)) {
    return Refuse(kFile, row.line, std::move(*refusal));
  }
  auto& organization = std::get<MappedOrganization>(mapped);
  const std::size_t lane = absl::HashOf(organization.source_id);
  Send({.file = kFile,
        .line = row.line,
        .source_id = std::move(organization.source_id),
        .lane = lane},
       organizations_, kOrganizationColumns[0].name,
       [this, location = std::move(organization.location)] { return target_.Create(location); });
}

void Import::TakeProvider(const SyntheaRow& row) {
  constexpr SyntheaFile kFile = SyntheaFile::kProviders;
  Mapped<MappedProvider> mapped = MapProvider(row, TableOf(kFile).places(), mapping_);
  if (auto* refusal = std::get_if<Refusal>(&mapped)) {
    return Refuse(kFile, row.line, std::move(*refusal));
  }
  auto& provider = std::get<MappedProvider>(mapped);
  std::string location = organizations_.Find(provider.organization);
  if (!provider.organization.empty() && location.empty()) {
    constexpr auto kSpec = static_cast<std::size_t>(ProviderColumn::kOrganization);
    return Refuse(kFile, row.line,
                  RefusalAt(PlaceOf(kFile, kSpec), kProviderColumns[kSpec].name,
                            "ORGANIZATION_UNKNOWN", "No row with this id was imported."));
  }
  const std::size_t lane = absl::HashOf(provider.source_id);
  Send({.file = kFile, .line = row.line, .source_id = std::move(provider.source_id), .lane = lane},
       practitioners_, kProviderColumns[0].name,
       [this, practitioner = std::move(provider.practitioner), location = std::move(location)] {
         return CreateAt(location, practitioner);
       });
}

absl::StatusOr<std::string> Import::CreateAt(const std::string& location,
                                             const identity::v1::Practitioner& practitioner) {
  absl::StatusOr<std::string> id = target_.Create(practitioner);
  const RowFate fate = FateOf(id.status());
  // An import that broke off may have left somebody without a place.
  const bool is_there = fate == RowFate::kCreated || fate == RowFate::kExisting;
  if (!is_there || location.empty()) return id;
  CLINICD_RETURN_IF_ERROR(
      target_.PlaceAt(location, id.ok() ? *id : sdk::MetadataOf(id.status(), "id")));
  return id;
}

void Import::TakePatient(const SyntheaRow& row) {
  constexpr SyntheaFile kFile = SyntheaFile::kPatients;
  Mapped<MappedPatient> mapped = MapPatient(row, TableOf(kFile).places(), mapping_);
  if (auto* refusal = std::get_if<Refusal>(&mapped)) {
    return Refuse(kFile, row.line, std::move(*refusal));
  }
  auto& patient = std::get<MappedPatient>(mapped);
  const std::size_t lane = absl::HashOf(patient.source_id);
  Send({.file = kFile, .line = row.line, .source_id = std::move(patient.source_id), .lane = lane},
       patients_, kPatientColumns[0].name,
       [this, record = std::move(patient.patient)] { return target_.Create(record); });
}

void Import::TakeEncounter(const SyntheaRow& row) {
  constexpr SyntheaFile kFile = SyntheaFile::kEncounters;
  Mapped<MappedEncounter> mapped = MapEncounter(row, TableOf(kFile).places(), mapping_);
  if (auto* refusal = std::get_if<Refusal>(&mapped)) {
    return Refuse(kFile, row.line, std::move(*refusal));
  }
  auto& encounter = std::get<MappedEncounter>(mapped);
  const std::string patient_id = patients_.Find(encounter.patient);
  const std::string practitioner_id = practitioners_.Find(encounter.provider);
  if (patient_id.empty() || practitioner_id.empty()) {
    const auto spec = static_cast<std::size_t>(patient_id.empty() ? EncounterColumn::kPatient
                                                                  : EncounterColumn::kProvider);
    return Refuse(kFile, row.line,
                  RefusalAt(PlaceOf(kFile, spec), kEncounterColumns.at(spec).name,
                            patient_id.empty() ? "PATIENT_UNKNOWN" : "PROVIDER_UNKNOWN",
                            "No row with this id was imported."));
  }
  encounter.appointment.set_patient_id(patient_id);
  encounter.appointment.set_practitioner_id(practitioner_id);
  constexpr auto kStart = static_cast<std::size_t>(EncounterColumn::kStart);
  // One lane for each practitioner: see ImportSynthea().
  Send({.file = kFile,
        .line = row.line,
        .source_id = std::move(encounter.source_id),
        .lane = absl::HashOf(encounter.provider),
        .time_column = PlaceOf(kFile, kStart),
        .time_field = std::string(kEncounterColumns.at(kStart).name)},
       appointments_, kEncounterColumns[0].name,
       [this, record = std::move(encounter.appointment)] { return target_.Create(record); });
}

}  // namespace

ImportResult ImportSynthea(const ImportOptions& options, ImportTarget& target, const Clock& clock,
                           Progress& progress) {
  return Import(options, target, clock, progress).Run();
}

}  // namespace clinicd::importer
