#include "tests/contract/planted_mistakes.h"

namespace clinicd {
namespace {

std::vector<PlantedMistake> MistakesInKeys() {
  return {
      {"clinic_id_missing", "planted", "CREATE TABLE clinicd.planted (id uuid)"},
      {"clinic_id_not_first", "planted.clinic_id",
       "CREATE TABLE clinicd.planted (id uuid, clinic_id uuid NOT NULL)"},
      {"clinic_id_not_first", "planted.clinic_id", "CREATE TABLE clinicd.planted (clinic_id uuid)"},
      {"clinic_id_not_first", "planted.clinic_id",
       "CREATE TABLE clinicd.planted (clinic_id text NOT NULL)"},
      {"primary_key_without_clinic", "planted",
       "CREATE TABLE clinicd.planted (clinic_id uuid NOT NULL, id uuid PRIMARY KEY)"},
      {"primary_key_without_clinic", "planted",
       "CREATE TABLE clinicd.planted (clinic_id uuid NOT NULL, id uuid)"},
      {"unique_without_clinic", "patients_phone_uq",
       "ALTER TABLE clinicd.patients ADD CONSTRAINT patients_phone_uq UNIQUE (phone)"},
      {"unique_without_clinic", "patients_planted",
       "CREATE UNIQUE INDEX patients_planted ON clinicd.patients (id) INCLUDE (clinic_id)"},
      {"unique_without_clinic", "occupancies_planted_ex",
       "ALTER TABLE clinicd.occupancies ADD CONSTRAINT occupancies_planted_ex"
       " EXCLUDE USING gist (practitioner_id WITH =, occupied WITH &&)"},
      {"exclusion_across_clinics", "practitioners_planted_ex",
       "ALTER TABLE clinicd.practitioners ADD CONSTRAINT practitioners_planted_ex"
       " EXCLUDE USING gist (clinic_id WITH <>, id WITH =)"},
      {"index_not_led_by_clinic", "patients_by_birth_ix",
       "CREATE INDEX patients_by_birth_ix ON clinicd.patients (born_on, clinic_id)"},
      {"gist_index_readable", "occupancies_by_time_ix",
       "CREATE INDEX occupancies_by_time_ix ON clinicd.occupancies USING gist"
       " (clinic_id, occupied) WHERE (active)"},
      {"gist_index_readable", "occupancies_by_time_ix",
       "CREATE INDEX occupancies_by_time_ix ON clinicd.occupancies USING gist"
       " (clinic_id, occupied)"},
      {"foreign_key_without_clinic", "appointments_planted_fk",
       "ALTER TABLE clinicd.patients ADD CONSTRAINT patients_id_uq UNIQUE (id);"
       "ALTER TABLE clinicd.appointments ADD CONSTRAINT appointments_planted_fk"
       " FOREIGN KEY (patient_id) REFERENCES clinicd.patients (id)"},
      {"foreign_key_without_clinic", "appointments_planted_fk",
       "ALTER TABLE clinicd.appointments ADD CONSTRAINT appointments_planted_fk"
       " FOREIGN KEY (patient_id, clinic_id) REFERENCES clinicd.patients (clinic_id, id)"},
      {"foreign_key_without_clinic", "users_planted_fk",
       "ALTER TABLE clinicd.users ADD COLUMN planted uuid,"
       " ADD CONSTRAINT users_planted_fk FOREIGN KEY (planted) REFERENCES clinicd.clinics (id)"},
      {"no_path_to_clinics", "patients",
       "ALTER TABLE clinicd.patients DROP CONSTRAINT patients_clinic_fk"},
      {"no_path_to_clinics", "practitioners",
       "ALTER TABLE clinicd.practitioners DROP CONSTRAINT practitioners_clinic_fk"},
  };
}

std::vector<PlantedMistake> MistakesInRowSecurity() {
  return {
      {"row_security_off", "patients", "ALTER TABLE clinicd.patients DISABLE ROW LEVEL SECURITY"},
      {"row_security_off", "planted",
       "ALTER EVENT TRIGGER clinicd_force_row_security DISABLE;"
       "CREATE TABLE clinicd.planted (clinic_id uuid NOT NULL)"},
      {"row_security_off", "users", "ALTER TABLE clinicd.users DISABLE ROW LEVEL SECURITY"},
      {"row_security_not_forced", "patients",
       "ALTER TABLE clinicd.patients NO FORCE ROW LEVEL SECURITY"},
      {"policy_missing", "planted_clinic_isolation",
       "CREATE TABLE clinicd.planted (clinic_id uuid NOT NULL)"},
      {"policy_missing", "patients_clinic_isolation_restrictive",
       "DROP POLICY patients_clinic_isolation_restrictive ON clinicd.patients"},
      {"policy_missing", "patients_clinic_isolation",
       "ALTER POLICY patients_clinic_isolation ON clinicd.patients WITH CHECK (true)"},
      {"policy_missing", "patients_clinic_isolation",
       "DROP POLICY patients_clinic_isolation ON clinicd.patients;"
       "CREATE POLICY patients_clinic_isolation ON clinicd.patients FOR SELECT TO clinicd_app"
       " USING (clinic_id = (SELECT clinicd.current_clinic_id()))"},
      {"policy_missing", "patients_clinic_isolation",
       "ALTER POLICY patients_clinic_isolation ON clinicd.patients TO PUBLIC"},
      {"restriction_partial", "patients TO clinicd_app",
       "ALTER POLICY patients_clinic_isolation_restrictive ON clinicd.patients TO clinicd_app"},
      {"restriction_partial", "memberships TO clinicd_jobs",
       "ALTER POLICY memberships_clinic_isolation_restrictive ON clinicd.memberships"
       " TO clinicd_jobs"},
      {"policy_open", "patients_planted: PERMISSIVE SELECT TO clinicd_app USING true",
       "CREATE POLICY patients_planted ON clinicd.patients FOR SELECT TO clinicd_app USING (true)"},
      {"policy_open", "memberships_sign_in: PERMISSIVE SELECT TO clinicd_app USING true",
       "ALTER POLICY memberships_sign_in ON clinicd.memberships TO clinicd_app"},
      {"policy_per_row",
       "patients_planted: PERMISSIVE SELECT TO clinicd_app"
       " USING (clinic_id = current_clinic_id())",
       "CREATE POLICY patients_planted ON clinicd.patients FOR SELECT TO clinicd_app"
       " USING (clinic_id = clinicd.current_clinic_id())"},
      {"policy_unknown",
       "patients_planted: PERMISSIVE SELECT TO clinicd_jobs USING (sex = 'other'::text)",
       "CREATE POLICY patients_planted ON clinicd.patients FOR SELECT TO clinicd_jobs"
       " USING (sex = 'other')"},
      {"event_trigger_missing", "clinicd_force_row_security",
       "ALTER EVENT TRIGGER clinicd_force_row_security DISABLE"},
      {"event_trigger_missing", "clinicd_force_row_security",
       "DROP EVENT TRIGGER clinicd_force_row_security"},
      {"accepted_in_vain", "index_not_led_by_clinic authz_changes_by_time_ix",
       "DROP INDEX clinicd.authz_changes_by_time_ix"},
  };
}

std::vector<PlantedMistake> MistakesInRelations() {
  return {
      {"view_not_invoker", "planted",
       "CREATE VIEW clinicd.planted AS SELECT id FROM clinicd.patients"},
      {"view_not_invoker", "planted",
       "CREATE VIEW clinicd.planted WITH (security_barrier) AS SELECT id FROM clinicd.patients"},
      {"view_not_invoker", "planted",
       "CREATE VIEW clinicd.planted WITH (security_invoker = false)"
       " AS SELECT id FROM clinicd.patients"},
      {"relation_kind", "planted",
       "CREATE MATERIALIZED VIEW clinicd.planted AS SELECT id FROM clinicd.patients"},
      {"relation_kind", "planted", "CREATE SEQUENCE clinicd.planted"},
      {"relation_kind", "planted", "CREATE TABLE clinicd.planted () INHERITS (clinicd.patients)"},
      {"not_logged", "patient_tokens", "ALTER TABLE clinicd.patient_tokens SET UNLOGGED"},
      {"index_on_expression", "patients_by_lower_ix",
       "CREATE INDEX patients_by_lower_ix ON clinicd.patients (clinic_id, lower(family_name))"},
      {"index_not_leakproof", "planted_by_amount_ix",
       "CREATE TABLE clinicd.planted (clinic_id uuid NOT NULL, amount numeric);"
       "CREATE INDEX planted_by_amount_ix ON clinicd.planted (clinic_id, amount)"},
      {"index_not_leakproof", "planted_by_mood_ix",
       "CREATE TYPE clinicd.mood AS ENUM ('good');"
       "CREATE TABLE clinicd.planted (clinic_id uuid NOT NULL, mood clinicd.mood);"
       "CREATE INDEX planted_by_mood_ix ON clinicd.planted (clinic_id, mood)"},
      {"index_not_leakproof", "memberships_by_role_ix",
       "CREATE INDEX memberships_by_role_ix ON clinicd.memberships USING gin (roles)"},
      {"index_not_leakproof", "occupancies_by_occupied_ix",
       "CREATE INDEX occupancies_by_occupied_ix ON clinicd.occupancies"
       " USING gist (clinic_id, occupied)"},
      {"index_name", "patients_planted",
       "CREATE INDEX patients_planted ON clinicd.patients (clinic_id, born_on)"},
      {"owner", "planted", "CREATE TABLE clinicd.planted (clinic_id uuid NOT NULL)"},
      {"owner", "schema clinicd", "ALTER SCHEMA clinicd OWNER TO CURRENT_USER"},
      {"owner", "refuse_change()", "ALTER FUNCTION clinicd.refuse_change() OWNER TO CURRENT_USER"},
  };
}

std::vector<PlantedMistake> MistakesInConstraints() {
  return {
      {"foreign_key_acts", "patient_tokens_patient_fk",
       "ALTER TABLE clinicd.patient_tokens DROP CONSTRAINT patient_tokens_patient_fk,"
       " ADD CONSTRAINT patient_tokens_patient_fk FOREIGN KEY (clinic_id, patient_id)"
       " REFERENCES clinicd.patients ON DELETE CASCADE"},
      {"foreign_key_acts", "practitioners_membership_fk",
       "ALTER TABLE clinicd.practitioners DROP CONSTRAINT practitioners_membership_fk,"
       " ADD CONSTRAINT practitioners_membership_fk FOREIGN KEY (clinic_id, membership_id)"
       " REFERENCES clinicd.memberships ON UPDATE CASCADE"},
      {"deferrable", "patient_tokens_patient_fk",
       "ALTER TABLE clinicd.patient_tokens ALTER CONSTRAINT patient_tokens_patient_fk DEFERRABLE"},
      {"constraint_not_valid", "patients_planted_ck",
       "ALTER TABLE clinicd.patients ADD CONSTRAINT patients_planted_ck"
       " CHECK (phone <> '0') NOT VALID"},
      {"constraint_name", "planted",
       "ALTER TABLE clinicd.patients ADD CONSTRAINT planted CHECK (phone <> '0')"},
      {"constraint_name", "patients_planted_uq",
       "ALTER TABLE clinicd.patients ADD CONSTRAINT patients_planted_uq CHECK (phone <> '0')"},
      {"constraint_name", "patients_clinic_id_phone_key",
       "ALTER TABLE clinicd.patients ADD UNIQUE (clinic_id, phone)"},
      {"constraint_name", "planted_pkey",
       "CREATE TABLE clinicd.planted (clinic_id uuid PRIMARY KEY)"},
  };
}

std::vector<PlantedMistake> MistakesInColumns() {
  return {
      {"text_unbounded", "patients.planted", "ALTER TABLE clinicd.patients ADD planted text"},
      {"column_type", "patients.planted", "ALTER TABLE clinicd.patients ADD planted varchar(9)"},
      {"column_type", "patients.planted", "ALTER TABLE clinicd.patients ADD planted float8"},
      {"column_type", "patients.planted", "ALTER TABLE clinicd.patients ADD planted timestamp"},
      {"column_type", "patients.planted_at", "ALTER TABLE clinicd.patients ADD planted_at date"},
      {"column_type", "patients.planted_on",
       "ALTER TABLE clinicd.patients ADD planted_on timestamptz"},
      {"column_type", "patients.planted_id", "ALTER TABLE clinicd.patients ADD planted_id bigint"},
      {"column_type", "patients.planted",
       "CREATE TYPE clinicd.mood AS ENUM ('good');"
       "ALTER TABLE clinicd.patients ADD planted clinicd.mood"},
      {"text_unbounded", "patients.planted",
       "CREATE DOMAIN clinicd.mood AS text;"
       "ALTER TABLE clinicd.patients ADD planted clinicd.mood"},
      {"column_type", "patients.planted",
       "CREATE DOMAIN clinicd.mood AS text CONSTRAINT bounded CHECK (char_length(VALUE) < 9);"
       "ALTER TABLE clinicd.patients ADD planted clinicd.mood"},
      {"id_made_here", "patients.planted",
       "ALTER TABLE clinicd.patients ADD planted uuid DEFAULT gen_random_uuid()"},
      {"id_made_here", "patients.planted", "ALTER TABLE clinicd.patients ADD planted bigserial"},
      {"null_unexplained", "patients.planted", "ALTER TABLE clinicd.patients ADD planted integer"},
      {"comment_without_phi", "patients", "COMMENT ON TABLE clinicd.patients IS 'Treated.'"},
      {"comment_without_phi", "patients", "COMMENT ON TABLE clinicd.patients IS NULL"},
  };
}

std::vector<PlantedMistake> MistakesInGrants() {
  return {
      {"grant_to_stranger", "patients TO PUBLIC", "GRANT SELECT ON clinicd.patients TO PUBLIC"},
      {"grant_to_stranger", "patients.phone TO pg_monitor",
       "GRANT SELECT (phone) ON clinicd.patients TO pg_monitor"},
      {"grant_option", "patients.phone TO clinicd_app",
       "GRANT SELECT (phone) ON clinicd.patients TO clinicd_app WITH GRANT OPTION"},
      {"update_of_table", "patients TO clinicd_app",
       "GRANT UPDATE ON clinicd.patients TO clinicd_app"},
      {"update_of_key", "patients.clinic_id TO clinicd_app",
       "GRANT UPDATE (clinic_id) ON clinicd.patients TO clinicd_app"},
      {"update_of_key", "patients.id TO clinicd_app",
       "GRANT UPDATE (id) ON clinicd.patients TO clinicd_app"},
      {"update_of_append_only", "audit_events.outcome TO clinicd_app",
       "GRANT UPDATE (outcome) ON clinicd.audit_events TO clinicd_app"},
      {"delete_granted", "patients TO clinicd_app",
       "GRANT DELETE ON clinicd.patients TO clinicd_app"},
      {"truncate_granted", "patients TO clinicd_app",
       "GRANT TRUNCATE ON clinicd.patients TO clinicd_app"},
      {"truncate_granted", "patients.id TO clinicd_app",
       "GRANT REFERENCES (id) ON clinicd.patients TO clinicd_app"},
      {"truncate_granted", "patients TO clinicd_app",
       "GRANT TRIGGER ON clinicd.patients TO clinicd_app"},
      {"reader_writes", "sessions TO clinicd_auth",
       "GRANT INSERT ON clinicd.sessions TO clinicd_auth"},
      {"reader_writes", "clinics.state TO clinicd_jobs",
       "GRANT UPDATE (state) ON clinicd.clinics TO clinicd_jobs"},
      {"reader_writes", "schema_migrations TO clinicd_app",
       "GRANT INSERT ON clinicd.schema_migrations TO clinicd_app"},
      {"password_readable", "memberships.password_ct",
       "GRANT SELECT ON clinicd.memberships TO clinicd_app"},
      {"open_to_public", "schema clinicd", "GRANT USAGE ON SCHEMA clinicd TO PUBLIC"},
      {"partition_reachable", "schema TO clinicd_app",
       "GRANT USAGE ON SCHEMA clinicd_partitions TO clinicd_app"},
      {"partition_reachable", "audit_events_default TO clinicd_app",
       "GRANT SELECT ON clinicd_partitions.audit_events_default TO clinicd_app"},
      {"partition_not_append_only", "audit_events_default",
       "ALTER TABLE clinicd_partitions.audit_events_default"
       " DISABLE TRIGGER audit_events_append_only"},
      {"open_to_public", "schema public", "GRANT CREATE ON SCHEMA public TO PUBLIC"},
      {"open_to_public", "database",
       "DO $$BEGIN EXECUTE format('GRANT TEMP ON DATABASE %I TO PUBLIC', current_database());"
       " END$$"},
  };
}

std::vector<PlantedMistake> MistakesInCodeAndRoles() {
  return {
      {"function_unknown", "planted()",
       "CREATE FUNCTION clinicd.planted() RETURNS int LANGUAGE sql RETURN 1"},
      {"function_of_public", "planted()",
       "CREATE FUNCTION clinicd.planted() RETURNS int LANGUAGE sql RETURN 1"},
      {"function_path_open", "planted()",
       "CREATE FUNCTION clinicd.planted() RETURNS int LANGUAGE sql SECURITY DEFINER RETURN 1"},
      {"function_path_open", "planted()",
       "CREATE FUNCTION clinicd.planted() RETURNS int LANGUAGE sql AS 'SELECT 1'"},
      {"function_leakproof", "public.planted()",
       "SET LOCAL search_path = pg_catalog;"
       "CREATE FUNCTION public.planted() RETURNS int LANGUAGE sql LEAKPROOF RETURN 1"},
      {"trigger_unknown", "planted",
       "CREATE TRIGGER planted BEFORE INSERT ON clinicd.patients"
       " FOR EACH STATEMENT EXECUTE FUNCTION clinicd.refuse_change()"},
      {"trigger_disabled", "audit_events_append_only",
       "ALTER TABLE clinicd.audit_events DISABLE TRIGGER audit_events_append_only"},
      {"extension_unknown", "pg_trgm", "CREATE EXTENSION pg_trgm"},
      {"role_owns", "clinicd_app", "ALTER TABLE clinicd.patient_tokens OWNER TO clinicd_app"},
      {"role_attribute", "clinicd_app", "ALTER ROLE clinicd_app BYPASSRLS"},
      {"role_attribute", "clinicd_sealer", "ALTER ROLE clinicd_sealer SUPERUSER"},
      {"role_attribute", "clinicd_auth", "ALTER ROLE clinicd_auth CREATEROLE"},
      {"role_attribute", "clinicd_owner", "ALTER ROLE clinicd_owner LOGIN"},
      {"role_member", "clinicd_app IN clinicd_owner", "GRANT clinicd_owner TO clinicd_app"},
      {"role_member", "clinicd_jobs IN pg_read_all_data", "GRANT pg_read_all_data TO clinicd_jobs"},
      {"role_setting", "clinicd_app", "ALTER ROLE clinicd_app SET search_path = public"},
      {"role_setting", "clinicd_jobs", "ALTER ROLE clinicd_jobs RESET log_error_verbosity"},
  };
}

}  // namespace

std::vector<PlantedMistake> PlantedMistakes() {
  std::vector<PlantedMistake> all;
  for (const std::vector<PlantedMistake>& some :
       {MistakesInKeys(), MistakesInRowSecurity(), MistakesInRelations(), MistakesInConstraints(),
        MistakesInColumns(), MistakesInGrants(), MistakesInCodeAndRoles()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace clinicd
