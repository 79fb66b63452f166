// Each constraint refuses what it is there for, by its name, and no practitioner is booked twice.
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "db/admin/admin_connection.h"
#include "tests/contract/schema_support.h"
#include "tests/support/test_database.h"

namespace clinicd {
namespace {

using db::AdminConnection;
using testing::TestDatabase;

// An UPDATE of the one row of a table, and the constraint that refuses it.
struct Refusal {
  std::string table;
  std::string change;
  std::string constraint;
};

std::vector<Refusal> RefusalsOfIdentity() {
  return {
      {"clinics", "slug = ''", "clinics_slug_ck"},
      {"clinics", "slug = repeat('a', 64)", "clinics_slug_ck"},
      {"clinics", "slug = 'Upper'", "clinics_slug_ck"},
      {"clinics", "slug = 'a-'", "clinics_slug_ck"},
      {"clinics", "slug = E'a\\n'", "clinics_slug_ck"},
      {"clinics", "name = repeat('a', 201)", "clinics_name_ck"},
      {"clinics", "country_code = 'gb'", "clinics_country_code_ck"},
      {"clinics", "time_zone = ''", "clinics_time_zone_ck"},
      {"clinics", "currency_code = 'EURO'", "clinics_currency_code_ck"},
      {"clinics", "locale = 'e'", "clinics_locale_ck"},
      {"clinics", "state = 'closed'", "clinics_state_ck"},
      {"clinics", "row_version = 0", "clinics_row_version_ck"},
      {"users", "email_key = ''", "users_email_key_ck"},
      {"memberships", "email = repeat('a', 255)", "memberships_email_ck"},
      {"memberships", "email_key = ''", "memberships_email_key_ck"},
      {"memberships", "given_name = ''", "memberships_given_name_ck"},
      {"memberships", "family_name = repeat('ع', 101)", "memberships_family_name_ck"},
      {"memberships", "roles = '{}'", "memberships_roles_ck"},
      {"memberships", "roles = '{owner,root}'", "memberships_roles_ck"},
      {"memberships", "roles = '{owner,NULL}'", "memberships_roles_ck"},
      {"memberships", "roles = array_fill('owner'::text, '{12}')", "memberships_roles_ck"},
      {"memberships", "state = 'gone'", "memberships_state_ck"},
      {"memberships", "password_ct = ''", "memberships_password_ct_ck"},
      {"memberships", "password_ct = NULL", "memberships_password_set_at_ck"},
      {"memberships", "password_set_at = NULL", "memberships_password_set_at_ck"},
      {"memberships", "failed_sign_ins = -1", "memberships_failed_sign_ins_ck"},
      {"memberships", "failed_sign_ins = 1", "memberships_failed_sign_ins_ck"},
      {"memberships", "authz_epoch = 0", "memberships_authz_epoch_ck"},
      {"memberships", "row_version = 0", "memberships_row_version_ck"},
      {"sessions", "expires_at = created_at", "sessions_expires_at_ck"},
      {"sessions", "ended_at = now(), end_reason = 'bored'", "sessions_end_reason_ck"},
      {"sessions", "ended_at = now()", "sessions_ended_at_ck"},
      {"sessions", "end_reason = 'revoked'", "sessions_ended_at_ck"},
      {"sessions", "user_agent = repeat('a', 513)", "sessions_user_agent_ck"},
      {"sessions", "client_address = repeat('a', 256)", "sessions_client_address_ck"},
      {"refresh_tokens", "token_hash = '\\x00'", "refresh_tokens_token_hash_ck"},
      {"refresh_tokens", "expires_at = issued_at", "refresh_tokens_expires_at_ck"},
      {"authz_changes", "min_epoch = 0", "authz_changes_min_epoch_ck"},
      {"authz_changes", "min_epoch = NULL", "authz_changes_effect_ck"},
      {"changes", "transaction_number = 0", "changes_transaction_number_ck"},
      {"changes", "entity_type = 'patient'", "changes_entity_type_ck"},
      {"changes", "row_version = 0", "changes_row_version_ck"},
      {"changes", "is_on = NULL", "changes_day_ck"},
      {"practitioners", "given_name = ''", "practitioners_given_name_ck"},
      {"practitioners", "family_name = ''", "practitioners_family_name_ck"},
      {"practitioners", "speciality = repeat('a', 101)", "practitioners_speciality_ck"},
      {"practitioners", "external_id = ''", "practitioners_external_id_ck"},
      {"practitioners", "row_version = 0", "practitioners_row_version_ck"},
  };
}

std::vector<Refusal> RefusalsOfCare() {
  return {
      {"patients", "given_name = ''", "patients_given_name_ck"},
      {"patients", "family_name = repeat('a', 101)", "patients_family_name_ck"},
      {"patients", "born_on = '1879-12-31'", "patients_born_on_ck"},
      {"patients", "born_on = 'infinity'", "patients_born_on_ck"},
      {"patients", "sex = ''", "patients_sex_ck"},
      {"patients", "file_number = ''", "patients_file_number_ck"},
      {"patients", "file_number = repeat('1', 33)", "patients_file_number_ck"},
      {"patients", "phone = repeat('1', 33)", "patients_phone_ck"},
      {"patients", "email = repeat('a', 255)", "patients_email_ck"},
      {"patients", "address = repeat('a', 501)", "patients_address_ck"},
      {"patients", "alert = repeat('a', 201)", "patients_alert_ck"},
      {"patients", "external_id = ''", "patients_external_id_ck"},
      {"patients", "row_version = 0", "patients_row_version_ck"},
      {"patient_tokens", "token = ''", "patient_tokens_token_ck"},
      {"appointments", "time_zone = ''", "appointments_time_zone_ck"},
      {"appointments", "duration_minutes = 0, ends_at = starts_at",
       "appointments_duration_minutes_ck"},
      {"appointments", "duration_minutes = 1441, ends_at = starts_at + interval '1441 minutes'",
       "appointments_duration_minutes_ck"},
      {"appointments", "duration_minutes = 31", "appointments_ends_at_ck"},
      {"appointments", "starts_at = starts_at + interval '1 microsecond'",
       "appointments_ends_at_ck"},
      {"appointments", "reason = repeat('a', 201)", "appointments_reason_ck"},
      {"appointments", "buffer_before_minutes = 241", "appointments_buffer_before_minutes_ck"},
      {"appointments", "buffer_after_minutes = -1", "appointments_buffer_after_minutes_ck"},
      {"appointments", "lane = 4, overbook_reason = 'x'", "appointments_lane_ck"},
      {"appointments", "lane = 1", "appointments_lane_ck"},
      {"appointments", "overbook_reason = ''", "appointments_overbook_reason_ck"},
      {"appointments", "state = 'lost'", "appointments_state_ck"},
      {"appointments", "state = 'confirmed'", "appointments_confirmed_at_ck"},
      {"appointments", "confirmed_at = now()", "appointments_confirmed_at_ck"},
      {"appointments", "state = 'arrived'", "appointments_arrived_at_ck"},
      {"appointments", "arrived_at = now()", "appointments_arrived_at_ck"},
      {"appointments", "state = 'in_chair', arrived_at = now()", "appointments_seated_at_ck"},
      {"appointments", "seated_at = now()", "appointments_seated_at_ck"},
      {"appointments", "state = 'completed', arrived_at = now(), seated_at = now()",
       "appointments_completed_at_ck"},
      {"appointments", "completed_at = now()", "appointments_completed_at_ck"},
      {"appointments", "state = 'no_show'", "appointments_no_show_at_ck"},
      {"appointments", "no_show_at = now()", "appointments_no_show_at_ck"},
      {"appointments", "state = 'cancelled'", "appointments_cancelled_at_ck"},
      {"appointments",
       "cancelled_at = now(), cancelled_by = 'clinic', cancel_reason = 'x', cancelled_late = false",
       "appointments_cancelled_at_ck"},
      {"appointments", "state = 'cancelled', cancelled_at = now(), cancelled_by = 'clinic'",
       "appointments_cancelled_at_ck"},
      {"appointments",
       "state = 'cancelled', cancelled_at = now(), cancelled_by = 'fate', cancel_reason = 'x', "
       "cancelled_late = false",
       "appointments_cancelled_by_ck"},
      {"appointments",
       "state = 'cancelled', cancelled_at = now(), cancelled_by = 'clinic', cancel_reason = '', "
       "cancelled_late = false",
       "appointments_cancel_reason_ck"},
      {"appointments", "external_id = ''", "appointments_external_id_ck"},
      {"appointments", "row_version = 0", "appointments_row_version_ck"},
      {"appointment_events", "row_version = 0", "appointment_events_row_version_ck"},
      {"appointment_events", "kind = 'lost'", "appointment_events_kind_ck"},
      {"appointment_events", "state = 'lost'", "appointment_events_state_ck"},
      {"appointment_events", "time_zone = ''", "appointment_events_time_zone_ck"},
      {"appointment_events", "duration_minutes = 0", "appointment_events_duration_minutes_ck"},
      {"appointment_events", "reason = repeat('a', 201)", "appointment_events_reason_ck"},
      {"appointments", "series_ordinal = 1", "appointments_series_ck"},
      {"appointments", "series_exception = true", "appointments_series_ck"},
      {"appointments", "series_id = '00000000-0000-7000-800d-00000000000a', series_ordinal = 1001",
       "appointments_series_ordinal_ck"},
      {"data_keys", "version = 0", "data_keys_version_ck"},
      {"data_keys", "version = 1000001", "data_keys_version_ck"},
      {"data_keys", "clinic_key_version = 0", "data_keys_clinic_key_version_ck"},
      {"data_keys", "clinic_key_version = 1000001", "data_keys_clinic_key_version_ck"},
      {"data_keys", "wrapped = decode(repeat('00', 59), 'hex')", "data_keys_wrapped_ck"},
      {"data_keys", "wrapped = decode(repeat('00', 61), 'hex')", "data_keys_wrapped_ck"},
      {"time_zone_versions", "version = '2026'", "time_zone_versions_version_ck"},
      {"time_zone_versions", "version = '2026abc'", "time_zone_versions_version_ck"},
      {"appointment_series", "rule = ''", "appointment_series_rule_ck"},
      {"appointment_series", "rule = repeat('a', 501)", "appointment_series_rule_ck"},
      {"appointment_series", "excluded_starts = repeat('a', 12445)",
       "appointment_series_excluded_starts_ck"},
      {"appointment_series", "time_zone = ''", "appointment_series_time_zone_ck"},
      {"appointment_series", "duration_minutes = 0", "appointment_series_duration_minutes_ck"},
      {"appointment_series", "buffer_before_minutes = 241",
       "appointment_series_buffer_before_minutes_ck"},
      {"appointment_series", "buffer_after_minutes = -1",
       "appointment_series_buffer_after_minutes_ck"},
      {"appointment_series", "allocations = ''", "appointment_series_allocations_ck"},
      {"appointment_series", "reason = repeat('a', 201)", "appointment_series_reason_ck"},
      {"appointment_series", "state = 'over'", "appointment_series_state_ck"},
      {"appointment_series", "continues_id = id", "appointment_series_continues_ck"},
      {"appointment_series", "row_version = 0", "appointment_series_row_version_ck"},
      {"holds", "time_zone = ''", "holds_time_zone_ck"},
      {"holds", "duration_minutes = 0, ends_at = starts_at", "holds_duration_minutes_ck"},
      {"holds", "duration_minutes = 31", "holds_ends_at_ck"},
      {"holds", "expires_at = created_at", "holds_expires_at_ck"},
      {"occupancies", "position = 33", "occupancies_position_ck"},
      {"occupancies", "hold_id = '00000000-0000-7000-800c-00000000000a'", "occupancies_holder_ck"},
      {"occupancies", "patient_id = '00000000-0000-7000-8007-00000000000a'",
       "occupancies_occupant_ck"},
      {"occupancies",
       "person_id = gen_random_uuid(), practitioner_id = NULL, "
       "patient_id = '00000000-0000-7000-8007-00000000000a'",
       "occupancies_person_ck"},
      {"occupancies", "lane = 4", "occupancies_lane_ck"},
      {"occupancies",
       "lane = 1, practitioner_id = NULL, patient_id = '00000000-0000-7000-8007-00000000000a'",
       "occupancies_lane_ck"},
      {"occupancies", "ends_at = ends_at - interval '1 microsecond'", "occupancies_ends_at_ck"},
      {"occupancies", "offset_minutes = -1", "occupancies_offset_minutes_ck"},
      {"occupancies", "duration_minutes = 0", "occupancies_duration_minutes_ck"},
  };
}

std::vector<Refusal> RefusalsOfResources() {
  return {
      {"locations", "name = ''", "locations_name_ck"},
      {"locations", "name = repeat('a', 101)", "locations_name_ck"},
      {"locations", "time_zone = ''", "locations_time_zone_ck"},
      {"locations", "external_id = ''", "locations_external_id_ck"},
      {"locations", "row_version = 0", "locations_row_version_ck"},
      {"resources", "kind = 'practitioner'", "resources_kind_ck"},
      {"resources", "name = ''", "resources_name_ck"},
      {"resources", "color = '#12345'", "resources_color_ck"},
      {"resources", "color = '#ABCDEF'", "resources_color_ck"},
      {"resources", "color = E'#123456\\n'", "resources_color_ck"},
      {"resources", "sort_order = -1", "resources_sort_order_ck"},
      {"resources", "sort_order = 10000", "resources_sort_order_ck"},
      {"resources", "external_id = repeat('a', 201)", "resources_external_id_ck"},
      {"resources", "row_version = 0", "resources_row_version_ck"},
      {"visit_types", "name = ''", "visit_types_name_ck"},
      {"visit_types", "description = repeat('a', 1001)", "visit_types_description_ck"},
      {"visit_types", "color = ''", "visit_types_color_ck"},
      {"visit_types", "buffer_before_minutes = 241", "visit_types_buffer_before_minutes_ck"},
      {"visit_types", "buffer_after_minutes = -1", "visit_types_buffer_after_minutes_ck"},
      {"visit_types", "min_notice_minutes = 525601", "visit_types_min_notice_minutes_ck"},
      {"visit_types", "booking_window_days = 731", "visit_types_booking_window_days_ck"},
      {"visit_types", "cancel_cutoff_minutes = -1", "visit_types_cancel_cutoff_minutes_ck"},
      {"visit_types", "external_id = ''", "visit_types_external_id_ck"},
      {"visit_types", "row_version = 0", "visit_types_row_version_ck"},
      {"visit_type_segments", "position = 0", "visit_type_segments_position_ck"},
      {"visit_type_segments", "position = 21", "visit_type_segments_position_ck"},
      {"visit_type_segments", "resource_kind = 'patient'", "visit_type_segments_resource_kind_ck"},
      {"visit_type_segments", "offset_minutes = -1", "visit_type_segments_offset_minutes_ck"},
      {"visit_type_segments", "duration_minutes = 0", "visit_type_segments_duration_minutes_ck"},
      {"visit_type_segments", "offset_minutes = 1411", "visit_type_segments_duration_minutes_ck"},
  };
}

std::vector<Refusal> RefusalsOfSchedules() {
  return {
      {"working_hours", "owner_kind = 'clinic', practitioner_id = NULL",
       "working_hours_owner_kind_ck"},
      {"working_hours", "owner_kind = 'location'", "working_hours_owner_ck"},
      {"working_hours", "practitioner_id = NULL", "working_hours_owner_ck"},
      {"working_hours", "weekday = 0", "working_hours_weekday_ck"},
      {"working_hours", "weekday = 8", "working_hours_weekday_ck"},
      {"working_hours", "from_minute = 1440", "working_hours_from_minute_ck"},
      {"working_hours", "to_minute = 1441", "working_hours_to_minute_ck"},
      {"working_hours", "to_minute = from_minute", "working_hours_to_minute_ck"},
      {"working_hours", "valid_from = '2026-07-02', valid_until = '2026-07-01'",
       "working_hours_valid_until_ck"},
      {"calendar_feeds", "secret_hash = '\\x00'", "calendar_feeds_secret_hash_ck"},
      {"calendar_feeds", "revoked_by = id", "calendar_feeds_revoked_by_ck"},
      {"schedule_exceptions", "owner_kind = 'patient', resource_id = NULL",
       "schedule_exceptions_owner_kind_ck"},
      {"schedule_exceptions", "owner_kind = 'clinic'", "schedule_exceptions_owner_ck"},
      {"schedule_exceptions", "kind = 'open'", "schedule_exceptions_kind_ck"},
      {"schedule_exceptions", "last_on = first_on - 1", "schedule_exceptions_last_on_ck"},
      {"schedule_exceptions", "last_on = first_on + 366", "schedule_exceptions_last_on_ck"},
      {"schedule_exceptions", "from_minute = -1", "schedule_exceptions_from_minute_ck"},
      {"schedule_exceptions", "to_minute = 1441", "schedule_exceptions_to_minute_ck"},
      {"schedule_exceptions", "to_minute = NULL", "schedule_exceptions_to_minute_ck"},
      {"schedule_exceptions", "to_minute = from_minute", "schedule_exceptions_to_minute_ck"},
      {"schedule_exceptions", "reason = ''", "schedule_exceptions_reason_ck"},
      {"schedule_exceptions", "reason = repeat('a', 201)", "schedule_exceptions_reason_ck"},
  };
}

std::vector<Refusal> RefusalsOfWaitlist() {
  return {
      {"waitlist_entries", "duration_minutes = 1441", "waitlist_entries_duration_minutes_ck"},
      {"waitlist_entries", "duration_minutes = NULL", "waitlist_entries_need_ck"},
      {"waitlist_entries", "visit_type_id = '00000000-0000-7000-800e-00000000000a'",
       "waitlist_entries_need_ck"},
      {"waitlist_entries", "main_site = true, location_id = '00000000-0000-7000-800c-00000000000a'",
       "waitlist_entries_main_site_ck"},
      {"waitlist_entries", "urgency = 'extreme'", "waitlist_entries_urgency_ck"},
      {"waitlist_entries", "short_notice_minutes = 0", "waitlist_entries_short_notice_minutes_ck"},
      {"waitlist_entries", "short_notice_minutes = 1441",
       "waitlist_entries_short_notice_minutes_ck"},
      {"waitlist_entries", "latest_on = earliest_on - 1", "waitlist_entries_latest_on_ck"},
      {"waitlist_entries", "windows = '8 0 60'", "waitlist_entries_windows_ck"},
      {"waitlist_entries", "windows = '1 0 60,'", "waitlist_entries_windows_ck"},
      {"waitlist_entries", "windows = '1 0 60' || repeat(',1 0 60', 300)",
       "waitlist_entries_windows_ck"},
      {"waitlist_entries", "note = repeat('a', 501)", "waitlist_entries_note_ck"},
      {"waitlist_entries", "state = 'expired'", "waitlist_entries_state_ck"},
      {"waitlist_entries", "state = 'booked'", "waitlist_entries_appointment_ck"},
      {"waitlist_entries", "appointment_id = '00000000-0000-7000-8008-00000000000a'",
       "waitlist_entries_appointment_ck"},
      {"waitlist_entries", "row_version = 0", "waitlist_entries_row_version_ck"},
      {"waitlist_offers", "time_zone = ''", "waitlist_offers_time_zone_ck"},
      {"waitlist_offers", "duration_minutes = 0, ends_at = starts_at",
       "waitlist_offers_duration_minutes_ck"},
      {"waitlist_offers", "duration_minutes = 31", "waitlist_offers_ends_at_ck"},
      {"waitlist_offers", "buffer_before_minutes = 241",
       "waitlist_offers_buffer_before_minutes_ck"},
      {"waitlist_offers", "buffer_after_minutes = -1", "waitlist_offers_buffer_after_minutes_ck"},
      {"waitlist_offers", "allocations = ''", "waitlist_offers_allocations_ck"},
      {"waitlist_offers", "expires_at = created_at", "waitlist_offers_expires_at_ck"},
      {"waitlist_offers", "expires_at = starts_at + interval '1 microsecond'",
       "waitlist_offers_expires_at_ck"},
      {"waitlist_offers", "state = 'lost', closed_at = now()", "waitlist_offers_state_ck"},
      {"waitlist_offers", "state = 'accepted', closed_at = now()",
       "waitlist_offers_appointment_ck"},
      {"waitlist_offers", "appointment_id = '00000000-0000-7000-8008-00000000000a'",
       "waitlist_offers_appointment_ck"},
      {"waitlist_offers", "state = 'declined'", "waitlist_offers_closed_at_ck"},
      {"waitlist_offers", "closed_at = now()", "waitlist_offers_closed_at_ck"},
  };
}

std::vector<Refusal> RefusalsOfTraces() {
  return {
      {"audit_events", "category = 'records'", "audit_category_ck"},
      {"audit_events", "action = 'written'", "audit_action_ck"},
      {"audit_events", "method = ''", "audit_method_ck"},
      {"audit_events", "outcome = ''", "audit_outcome_ck"},
      {"audit_events", "actor_roles = repeat('a', 301)", "audit_actor_roles_ck"},
      {"audit_events", "purpose = repeat('a', 201)", "audit_purpose_ck"},
      {"audit_events", "entity_type = ''", "audit_entity_type_ck"},
      {"audit_events", "entity_id = id", "audit_events_entity_id_ck"},
      {"audit_events", "entity_version = 0", "audit_entity_version_ck"},
      {"audit_events", "changed_fields = repeat('a', 2001)", "audit_changed_fields_ck"},
      {"audit_events", "request_id = ''", "audit_request_id_ck"},
      {"audit_events", "client_address = repeat('a', 256)", "audit_client_address_ck"},
      {"audit_events", "user_agent = repeat('a', 513)", "audit_user_agent_ck"},
      {"audit_events", "node = repeat('a', 256)", "audit_node_ck"},
      {"audit_events", "build = repeat('a', 101)", "audit_build_ck"},
      {"audit_findings", "rule = 'new'", "audit_findings_rule_ck"},
      {"audit_findings", "found_count = 0", "audit_findings_found_count_ck"},
      {"audit_findings", "last_at = first_at - interval '1 microsecond'",
       "audit_findings_last_at_ck"},
      {"audit_findings", "state = 'lost'", "audit_findings_state_ck"},
      {"audit_findings", "state = 'closed', closed_at = now(), note = repeat('a', 2001)",
       "audit_findings_note_ck"},
      {"audit_findings", "state = 'closed', note = 'a'", "audit_findings_closed_at_ck"},
      {"audit_findings", "state = 'closed', closed_at = now()", "audit_findings_closed_at_ck"},
      {"audit_findings", "row_version = 0", "audit_findings_row_version_ck"},
      {"audit_legal_holds", "state = 'lost'", "audit_legal_holds_state_ck"},
      {"audit_legal_holds", "reason = ''", "audit_legal_holds_reason_ck"},
      {"audit_legal_holds", "reason = repeat('a', 1001)", "audit_legal_holds_reason_ck"},
      {"audit_legal_holds",
       "state = 'released', released_at = now(), release_reason = repeat('a', 1001)",
       "audit_legal_holds_release_reason_ck"},
      {"audit_legal_holds", "state = 'released', released_at = now()",
       "audit_legal_holds_released_at_ck"},
      {"audit_legal_holds", "state = 'released', release_reason = 'a'",
       "audit_legal_holds_released_at_ck"},
      {"audit_legal_holds", "row_version = 0", "audit_legal_holds_row_version_ck"},
      {"isolation_certificates", "ended_at = started_at - interval '1 microsecond'",
       "isolation_certificates_ended_at_ck"},
      {"isolation_certificates", "release = ''", "isolation_certificates_release_ck"},
      {"isolation_certificates", "node = repeat('a', 256)", "isolation_certificates_node_ck"},
      {"isolation_certificates", "schema_version = 0", "isolation_certificates_schema_version_ck"},
      {"isolation_certificates", "table_count = -1", "isolation_certificates_table_count_ck"},
      {"isolation_certificates", "empty_table_count = table_count + 1",
       "isolation_certificates_table_count_ck"},
      {"isolation_certificates", "method_count = -1", "isolation_certificates_method_count_ck"},
      {"isolation_certificates", "call_count = -1", "isolation_certificates_call_count_ck"},
      {"isolation_certificates", "findings = '{a}'", "isolation_certificates_finding_count_ck"},
      {"isolation_certificates", "finding_count = 200, findings = array_fill('a'::text, '{101}')",
       "isolation_certificates_finding_count_ck"},
      {"isolation_certificates", "catalog_digest = ''", "isolation_certificates_catalog_digest_ck"},
      {"isolation_certificates", "digest = ''", "isolation_certificates_digest_ck"},
      {"clinics", "audit_daily_patients_max = 0", "clinics_audit_daily_patients_max_ck"},
      {"clinics", "audit_daily_patients_max = 100001", "clinics_audit_daily_patients_max_ck"},
      {"clinics", "audit_retention_years = 6", "clinics_audit_retention_years_ck"},
      {"clinics", "audit_retention_years = 31", "clinics_audit_retention_years_ck"},
      {"audit_leaves", "leaf_index = -1", "audit_leaves_leaf_index_ck"},
      {"audit_leaves", "leaf_hash = ''", "audit_leaves_leaf_hash_ck"},
      {"audit_tiles", "tile_level = 8", "audit_tiles_tile_level_ck"},
      {"audit_tiles", "tile_index = -1", "audit_tiles_tile_index_ck"},
      {"audit_tiles", "hashes = ''", "audit_tiles_hashes_ck"},
      {"audit_heads", "tree_size = 0", "audit_heads_tree_size_ck"},
      {"audit_heads", "root_hash = ''", "audit_heads_root_hash_ck"},
      {"audit_heads", "meta_index = -1", "audit_heads_meta_index_ck"},
      {"audit_trees", "tree_size = 0", "audit_trees_tree_size_ck"},
      {"audit_trees", "frontier = ''", "audit_trees_frontier_ck"},
      {"audit_meta_leaves", "meta_index = -1", "audit_meta_leaves_meta_index_ck"},
      {"audit_meta_leaves", "leaf_hash = ''", "audit_meta_leaves_leaf_hash_ck"},
      {"audit_meta_tiles", "tile_level = 8", "audit_meta_tiles_tile_level_ck"},
      {"audit_meta_tiles", "tile_index = -1", "audit_meta_tiles_tile_index_ck"},
      {"audit_meta_tiles", "hashes = ''", "audit_meta_tiles_hashes_ck"},
      {"audit_checkpoints", "meta_size = 0", "audit_checkpoints_meta_size_ck"},
      {"audit_checkpoints", "note = ''", "audit_checkpoints_note_ck"},
      {"audit_cosignatures", "witness = ''", "audit_cosignatures_witness_ck"},
      {"audit_cosignatures", "line = ''", "audit_cosignatures_line_ck"},
      {"audit_epochs", "epoch = 0", "audit_epochs_epoch_ck"},
      {"audit_epochs", "note = ''", "audit_epochs_note_ck"},
      {"audit_sealer", "only_row = false", "audit_sealer_only_row_ck"},
      {"audit_sealer", "meta_size = -1", "audit_sealer_meta_size_ck"},
      {"audit_sealer", "meta_frontier = 'a'", "audit_sealer_meta_frontier_ck"},
      {"idempotency_keys", "method = ''", "idempotency_keys_method_ck"},
      {"idempotency_keys", "request_hash = '\\x00'", "idempotency_keys_request_hash_ck"},
  };
}

std::vector<Refusal> AllRefusals() {
  std::vector<Refusal> all = RefusalsOfIdentity();
  for (const std::vector<Refusal>& some :
       {RefusalsOfCare(), RefusalsOfResources(), RefusalsOfSchedules(), RefusalsOfWaitlist(),
        RefusalsOfTraces()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

TEST_CASE("Each check refuses what it is there for", "[schema][contract]") {
  const TestDatabase database;
  AdminConnection superuser = database.Connect();
  PlantOneRowEach(superuser, "a");
  // Lets a superuser change even audit events.
  MustExecute(superuser, "SET session_replication_role = replica");

  for (const Refusal& refusal : AllRefusals()) {
    const std::string sql = absl::StrCat("UPDATE clinicd.", refusal.table, " SET ", refusal.change);
    INFO(sql);
    CHECK(db::ConstraintOf(superuser.Execute(sql)) == refusal.constraint);
  }
}

TEST_CASE("Every check of the schema is tried", "[schema][contract]") {
  const TestDatabase database;
  AdminConnection superuser = database.Connect();
  std::set<std::string> tried;
  for (const Refusal& refusal : AllRefusals()) tried.insert(refusal.constraint);

  std::set<std::string> checks;
  for (const AdminConnection::Row& row :
       MustQuery(superuser,
                 "SELECT conname FROM pg_constraint"
                 " WHERE connamespace = 'clinicd'::regnamespace AND contype = 'c'"
                 " AND conname NOT LIKE 'schema\\_migrations%'")) {
    checks.insert(row[0].value());
  }

  CHECK(tried == checks);
}

TEST_CASE("Values at the edge of what is allowed are taken", "[schema][contract]") {
  const TestDatabase database;
  AdminConnection superuser = database.Connect();
  PlantOneRowEach(superuser, "a");

  for (const char* sql :
       {"UPDATE clinicd.clinics SET slug = 'a'",
        "UPDATE clinicd.clinics SET slug = repeat('9', 63)",
        "UPDATE clinicd.clinics SET slug = 'a--b'",
        // 100 letters of two bytes each.
        "UPDATE clinicd.patients SET family_name = repeat('ع', 100)",
        "UPDATE clinicd.patients SET born_on = '1880-01-01', file_number = NULL",
        "UPDATE clinicd.memberships SET password_ct = NULL, password_set_at = NULL",
        "UPDATE clinicd.memberships SET failed_sign_ins = 1, last_failed_at = now()",
        "UPDATE clinicd.memberships SET roles = '{owner,practitioner,hygienist,receptionist,"
        "assistant,billing_clerk,caregiver,family_member,external_professional,patient,"
        "partner_app}'",
        "UPDATE clinicd.sessions SET ended_at = now(), end_reason = 'token_reuse'",
        "UPDATE clinicd.resources SET location_id = NULL, color = '#09afaf', sort_order = 9999",
        "UPDATE clinicd.visit_types SET buffer_before_minutes = 240, buffer_after_minutes = 240,"
        " min_notice_minutes = 525600, booking_window_days = 730, cancel_cutoff_minutes = 525600",
        "UPDATE clinicd.visit_type_segments SET position = 20, offset_minutes = 1410",
        "UPDATE clinicd.appointments SET duration_minutes = 1440,"
        " ends_at = starts_at + interval '1440 minutes'",
        "UPDATE clinicd.appointments SET state = 'arrived', arrived_at = now()",
        "UPDATE clinicd.appointments SET state = 'in_chair', seated_at = now()",
        "UPDATE clinicd.appointments SET state = 'completed', completed_at = now()",
        // Taken out as it was.
        "UPDATE clinicd.appointments SET state = 'entered_in_error'",
        "UPDATE clinicd.appointments SET state = 'arrived', seated_at = NULL, completed_at = NULL",
        // Called off after the patient had come.
        "UPDATE clinicd.appointments SET state = 'cancelled', cancelled_at = now(),"
        " cancelled_by = 'patient', cancel_reason = 'x', cancelled_late = true",
        "UPDATE clinicd.appointments SET series_id = '00000000-0000-7000-800d-00000000000a',"
        " series_ordinal = 1000, series_exception = true",
        "UPDATE clinicd.appointment_series SET excluded_starts = repeat('a', 12444)",
        "UPDATE clinicd.waitlist_entries SET duration_minutes = 1440, short_notice_minutes = 1440,"
        " latest_on = earliest_on, windows = '17 0 1440,2 1320 120', note = repeat('a', 500)",
        "UPDATE clinicd.waitlist_offers SET expires_at = starts_at, state = 'taken',"
        " closed_at = now()",
        "UPDATE clinicd.occupancies SET position = 32, lane = 3,"
        " starts_at = starts_at - interval '240 minutes'"}) {
    INFO(sql);
    CHECK(superuser.Execute(sql).ok());
  }
}

constexpr char kPractitionerA[] = "00000000-0000-7000-8006-00000000000a";
constexpr char kPatientA[] = "00000000-0000-7000-8007-00000000000a";

// Takes the time of the practitioner of clinic a, or of its patient, for a hold, for minutes from
// 09:00 UTC on, as the application does.
bool Takes(AdminConnection& app, const std::string& whom, int starts_after_minutes,
           int duration_minutes, int lane = 0) {
  static int position = 1;
  position = position % 32 + 1;
  const std::string starts_at = absl::StrCat("timestamptz '2026-07-01 09:00Z' + interval '",
                                             starts_after_minutes, " minutes'");
  const AdminConnection::Rows rows = MustQuery(
      app,
      absl::StrCat("INSERT INTO clinicd.occupancies (clinic_id, position, hold_id, ", whom,
                   "_id, lane, starts_at, ends_at, offset_minutes, duration_minutes) VALUES"
                   " ('00000000-0000-7000-8000-00000000000a', ",
                   position, ", '00000000-0000-7000-800c-00000000000a', '",
                   whom == "patient" ? kPatientA : kPractitionerA, "', ", lane, ", ", starts_at,
                   ", ", starts_at, " + interval '", duration_minutes, " minutes', 0, ",
                   duration_minutes, ") ON CONFLICT DO NOTHING RETURNING position"));
  return rows.size() == 1;
}

struct ClinicA {
  ClinicA() {
    AdminConnection superuser = database.Connect();
    PlantOneRowEach(superuser, "a");
    MustExecute(app, "BEGIN");
    MustExecute(app,
                "SELECT set_config('clinicd.clinic_id',"
                " '00000000-0000-7000-8000-00000000000a', true)");
  }

  TestDatabase database;
  AdminConnection app = database.Connect("clinicd_app");
};

TEST_CASE("Nobody is taken for a minute that is taken", "[schema][contract]") {
  ClinicA clinic;  // Its practitioner has a booking from 09:00 to 09:30.

  CHECK_FALSE(Takes(clinic.app, "practitioner", 0, 30));
  CHECK_FALSE(Takes(clinic.app, "practitioner", 10, 5));
  CHECK_FALSE(Takes(clinic.app, "practitioner", -15, 16));
  CHECK_FALSE(Takes(clinic.app, "practitioner", 29, 60));
  CHECK_FALSE(Takes(clinic.app, "practitioner", -60, 180));
  CHECK(Takes(clinic.app, "practitioner", -15, 15));
  CHECK(Takes(clinic.app, "practitioner", 30, 30));
  CHECK(Takes(clinic.app, "patient", 0, 30));
  CHECK_FALSE(Takes(clinic.app, "patient", 29, 30));
}

TEST_CASE("Lanes do not clash with each other", "[schema][contract]") {
  ClinicA clinic;

  CHECK(Takes(clinic.app, "practitioner", 0, 30, 1));
  CHECK_FALSE(Takes(clinic.app, "practitioner", 10, 30, 1));
  CHECK(Takes(clinic.app, "practitioner", 10, 30, 2));
}

TEST_CASE("What is no longer active takes no time", "[schema][contract]") {
  ClinicA clinic;
  MustExecute(clinic.app, "UPDATE clinicd.occupancies SET active = false");

  CHECK(Takes(clinic.app, "practitioner", 0, 30));
  CHECK_FALSE(Takes(clinic.app, "practitioner", 0, 30));
}

// Takes 09:00 to 09:30 of a practitioner for the hold of a clinic.
bool TakesIn(AdminConnection& superuser, const std::string& clinic, const std::string& practitioner,
             const std::string& person, int lane = 0) {
  return MustQuery(
             superuser,
             absl::StrCat("INSERT INTO clinicd.occupancies (clinic_id, position, hold_id,"
                          " practitioner_id, person_id, lane, starts_at, ends_at, offset_minutes,"
                          " duration_minutes) VALUES ('00000000-0000-7000-8000-00000000000",
                          clinic, "', 1, '00000000-0000-7000-800c-00000000000", clinic, "', '",
                          practitioner, "', ", person, ", ", lane,
                          ", '2026-07-03 09:00Z', '2026-07-03 09:30Z', 0, 30)"
                          " ON CONFLICT DO NOTHING RETURNING position"))
             .size() == 1;
}

TEST_CASE("A person who has linked two clinics is in one of them at a time, and no other is",
          "[schema][contract]") {
  const TestDatabase database;
  AdminConnection superuser = database.Connect();
  PlantOneRowEach(superuser, "a");
  PlantOneRowEach(superuser, "b");
  const std::string practitioner_b = "00000000-0000-7000-8006-00000000000b";
  const std::string person = "'00000000-0000-7000-8001-00000000000a'";

  SECTION("linked") {
    CHECK(TakesIn(superuser, "a", kPractitionerA, person));
    CHECK_FALSE(TakesIn(superuser, "b", practitioner_b, person));
    CHECK_FALSE(TakesIn(superuser, "b", practitioner_b, person, /*lane=*/1));
  }
  SECTION("linked in one of them only") {
    CHECK(TakesIn(superuser, "a", kPractitionerA, person));
    CHECK(TakesIn(superuser, "b", practitioner_b, "NULL"));
  }
  SECTION("the same id in both") {
    MustExecute(superuser,
                absl::StrCat("INSERT INTO clinicd.practitioners (clinic_id, id, given_name,"
                             " family_name) VALUES ('00000000-0000-7000-8000-00000000000b', '",
                             kPractitionerA, "', 'Ada', 'Person')"));
    CHECK(TakesIn(superuser, "a", kPractitionerA, "NULL"));
    CHECK(TakesIn(superuser, "b", kPractitionerA, "NULL"));
  }
}

}  // namespace
}  // namespace clinicd
