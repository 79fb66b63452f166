// Prints a statement of db/queries for pgbench, so that both sides of a comparison run the same
// SQL: bench_queries get_patient|insert_patient_access CLINIC
#include <iostream>
#include <map>
#include <string>

#include "db/queries/audit.h"
#include "db/queries/patients.h"

namespace {

// What stands for each parameter; ":n" is pgbench's variable with the number of the patient.
std::map<std::string, std::string> Values(const std::string& clinic) {
  const std::string patient = "lpad(to_hex(:n::bigint), 32, '0')::uuid";
  return {{"clinic_id", "'" + clinic + "'::uuid"},
          {"entity_id", patient},
          {"occurred_at", "now()"},
          {"method", "'clinicd.patients.v1.PatientService/GetPatient'"},
          {"outcome_missing", "'PATIENT_NOT_FOUND'"},
          {"actor_id", "'018f0000-0000-7000-8000-0000000000e1'::uuid"},
          {"actor_roles", "'receptionist'"},
          {"session_id", "'018f0000-0000-7000-8000-0000000000f1'::uuid"},
          {"client_address", "'local'"},
          {"user_agent", "'bench'"},
          {"node", "'bench'"},
          {"build", "'bench'"},
          {"purpose", "''"}};
}

// Replaces ":name" where it is the whole name.
std::string Replace(std::string sql, const std::string& name, const std::string& value) {
  for (std::size_t at = 0; (at = sql.find(":" + name, at)) != std::string::npos;) {
    const std::size_t end = at + 1 + name.size();
    const bool whole =
        (at == 0 || sql[at - 1] != ':') &&
        (end == sql.size() ||
         (std::isalnum(static_cast<unsigned char>(sql[end])) == 0 && sql[end] != '_'));
    if (whole) sql.replace(at, name.size() + 1, value);
    at += whole ? value.size() : 1;
  }
  return sql;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  const bool read = std::string(argv[1]) == "get_patient";
  const clinicd::db::Query& query =
      read ? clinicd::sql::kGetPatient : clinicd::sql::kInsertPatientAccess;
  std::map<std::string, std::string> values = Values(argv[2]);
  // Of this month, as the server makes them.
  const std::string event =
      "(lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7000' || "
      "substr(md5(random()::text), 1, 16))::uuid";
  values["id"] = read ? values["entity_id"] : event;
  std::string sql(query.sql);
  for (const auto& [name, value] : values) sql = Replace(std::move(sql), name, value);
  std::cout << sql;
  return 0;
}
