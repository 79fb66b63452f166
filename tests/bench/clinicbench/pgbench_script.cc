#include "tests/bench/clinicbench/pgbench_script.h"

#include <cctype>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "db/access/named_sql.h"
#include "db/access/query.h"
#include "db/queries/appointments.h"
#include "db/queries/audit.h"
#include "db/queries/patients.h"

namespace clinicd::bench {
namespace {

using Expressions = std::map<std::string, std::string>;

std::string IdOf(std::string_view number) {
  return absl::StrCat("lpad(to_hex(", absl::string_view(number.data(), number.size()),
                      "), 32, '0')::uuid");
}

std::string FamilyPrefix(int letters) {
  return absl::StrCat("'fam' || left(translate(lpad(((:patient::bigint - 1) / ", kFamilySize,
                      ")::text, 5, '0'), '0123456789', 'abcdefghij'), ", letters, ")");
}

// What stands for each parameter of clinicd.
Expressions ExpressionsOf(const Dataset& dataset) {
  const std::string first_day = absl::FormatCivilTime(dataset.first_day);
  const auto midnight = [&](int more) {
    return absl::StrCat("((date '", first_day, "' + :day::integer + ", more,
                        ")::timestamp AT TIME ZONE '", kTimeZone, "')");
  };
  const std::string last_letter = "chr(97 + 1 + (((:patient::bigint - 1) / " +
                                  std::to_string(kFamilySize) + ") % 10)::integer)";
  Expressions values = {
      {"clinic_id", IdOf(absl::StrCat("(", kFirstClinic, " + :clinic::bigint)"))},
      {"practitioner_id", IdOf(absl::StrCat("(", kFirstPractitioner, " + :practitioner::bigint)"))},
      {"after_starts_at", midnight(0)},
      {"before_starts_at", midnight(1)},
      {"show_cancelled", "false"},
      {"after_id", "'00000000-0000-0000-0000-000000000000'::uuid"},
      {"after_family_name", "''"},
      {"after_given_name", "''"},
      {"row_limit", ":rows::bigint"},
      {"word1_from", FamilyPrefix(5)},
      {"word1_to", absl::StrCat(FamilyPrefix(4), " || ", last_letter)},
      {"occurred_at", "now()"},
      {"category", "'record'"},
      {"action", "'read'"},
      {"outcome", "'OK'"},
      {"outcome_missing", "'PATIENT_NOT_FOUND'"},
      {"actor_id", absl::StrCat("'", kUser, "'::uuid")},
      {"actor_roles", "'receptionist'"},
      {"session_id", absl::StrCat("'", kSession, "'::uuid")},
      {"client_address", "'local'"},
      {"user_agent", "'bench'"},
      {"node", "'bench'"},
      {"build", "'bench'"},
      {"purpose", "''"},
      {"changed_fields", "''"}};
  for (const char* word : {"word2", "word3", "word4", "word5"}) {
    values[absl::StrCat(word, "_from")] = values[absl::StrCat(word, "_to")] = "NULL";
  }
  for (const char* name : {"patient_id", "entity_version", "before_sealed", "after_sealed",
                           "request_id", "entity_id"}) {
    values[name] = "NULL";
  }
  return values;
}

bool OfName(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// With the expressions in place of ":name"; casts are left alone, and texts hold no colons.
std::string Fill(std::string_view sql, const Expressions& values) {
  std::string filled;
  for (std::size_t at = 0; at < sql.size();) {
    std::size_t end = at + 1;
    while (sql[at] == ':' && end < sql.size() && OfName(sql[end])) ++end;
    const bool cast = sql[at] == ':' && end == at + 1;
    if (cast) ++end;
    if (sql[at] != ':' || cast) {
      filled.append(sql.substr(at, end - at));
    } else {
      filled += values.at(std::string(sql.substr(at + 1, end - at - 1)));
    }
    at = end;
  }
  return filled;
}

std::string Context(const ScriptOptions& options, const Expressions& values) {
  return absl::StrCat("SELECT set_config('clinicd.clinic_id', ", values.at("clinic_id"),
                      "::text, true), set_config('clinicd.user_id', '", kUser,
                      "', true), set_config('clinicd.purpose', '', true), "
                      "set_config('statement_timeout', '9000', true), "
                      "set_config('synchronous_commit', 'off', true), "
                      "set_config('transaction_read_only', '",
                      options.access_rows ? "off" : "on", "', true)");
}

// Without BEGIN and COMMIT.
std::vector<std::string> Statements(Workload workload, const ScriptOptions& options,
                                    const Dataset& dataset) {
  Expressions values = ExpressionsOf(dataset);
  std::vector<std::string> statements;
  if (options.context) statements.push_back(Context(options, values));
  // Of this month, as the server makes them.
  const std::string event =
      "(lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7000' || "
      "substr(md5(random()::text), 1, 16))::uuid";
  const std::string patient = IdOf(":patient::bigint");
  if (workload == Workload::kGetPatient) {
    values["id"] = values["entity_id"] = patient;
    values["method"] = "'clinicd.patients.v1.PatientService/GetPatient'";
    statements.push_back(Fill(sql::kGetPatient.sql, values));
    values["id"] = event;
    if (options.access_rows) statements.push_back(Fill(sql::kInsertPatientAccess.sql, values));
    return statements;
  }
  const bool day = workload == Workload::kListDay;
  values["id"] = event;
  values["entity_type"] = day ? "'appointment'" : "'patient'";
  values["method"] = day ? "'clinicd.appointments.v1.AppointmentService/ListAppointments'"
                         : "'clinicd.patients.v1.PatientService/SearchPatients'";
  statements.push_back(
      Fill(day ? sql::kListPractitionerAppointments.sql : sql::kSearchPatients.sql, values));
  if (options.access_rows) statements.push_back(Fill(sql::kInsertEvent.sql, values));
  return statements;
}

bool HasScript(Workload workload) {
  return workload == Workload::kGetPatient || workload == Workload::kListDay ||
         workload == Workload::kSearchPatients;
}

std::optional<std::string> ClinicNumber(const Operation& o, const Dataset& /*d*/) {
  return absl::StrCat(o.clinic);
}
std::optional<std::string> PatientNumber(const Operation& o, const Dataset& /*d*/) {
  return absl::StrCat(o.patient);
}
std::optional<std::string> PractitionerNumber(const Operation& o, const Dataset& /*d*/) {
  return absl::StrCat(o.practitioner);
}
std::optional<std::string> DayNumber(const Operation& o, const Dataset& /*d*/) {
  return absl::StrCat(o.day);
}

std::optional<std::string> Rows(const Operation& o, const Dataset& /*d*/) {
  return o.workload == Workload::kListDay ? "201" : "21";
}

ParameterValue VariableOf(std::string_view name) {
  if (name == "rows") return Rows;
  if (name == "clinic") return ClinicNumber;
  if (name == "patient") return PatientNumber;
  return name == "practitioner" ? PractitionerNumber : DayNumber;
}

}  // namespace

std::string PgbenchScript(Workload workload, const ScriptOptions& options, const Dataset& dataset,
                          Spread spread, bool pipelined) {
  if (!HasScript(workload)) return {};
  const auto pick = [&](const char* name, int count) {
    return spread == Spread::kZipf
               ? absl::StrCat("\\set ", name, " random_zipfian(1, ", count, ", 1.05)\n")
               : absl::StrCat("\\set ", name, " random(1, ", count, ")\n");
  };
  std::string script =
      absl::StrCat(pick("clinic", dataset.clinics), pick("patient", dataset.patients));
  if (workload == Workload::kListDay) {
    absl::StrAppend(&script, "\\set practitioner random(1, ", dataset.practitioners,
                    ")\n\\set day random(0, ", dataset.days - 1, ")\n");
  }
  // A variable: with a number in its place PostgreSQL plans the statement anew each time.
  absl::StrAppend(&script, "\\set rows ", workload == Workload::kListDay ? 201 : 21, "\n");
  absl::StrAppend(&script, pipelined ? "\\startpipeline\n" : "", "BEGIN;\n");
  for (const std::string& statement : Statements(workload, options, dataset)) {
    absl::StrAppend(&script, statement, ";\n");
  }
  absl::StrAppend(&script, "COMMIT;\n", pipelined ? "\\endpipeline\n" : "");
  return script;
}

std::optional<Script> PgbenchAlike(Workload workload, const ScriptOptions& options,
                                   const Dataset& dataset) {
  if (!HasScript(workload)) return std::nullopt;
  // What is checked is the same as of clinicd's own statements.
  std::optional<Script> script = ScriptOf(workload, options);
  const std::vector<std::string> statements = Statements(workload, options, dataset);
  for (std::size_t i = 0; i < statements.size(); ++i) {
    db::NumberedSql numbered = db::NumberParameters(statements[i]);
    Statement& statement = script->statements.at(i);
    statement.sql = std::move(numbered.sql);
    statement.parameters.clear();
    for (const std::string& name : numbered.names) {
      statement.parameters.push_back(VariableOf(name));
    }
  }
  return script;
}

}  // namespace clinicd::bench
