-- One row in every table for one clinic; PlantOneRowEach() replaces {c} by a hexadecimal digit.
-- A table without a row here fails row_security_test.cc.
INSERT INTO clinicd.clinics (
    id, slug, name, country_code, time_zone, currency_code, locale)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', 'clinic-{c}', 'Clinic {c}', 'GB', 'Europe/London',
    'GBP', 'en-GB');

INSERT INTO clinicd.users (id, email_key)
VALUES ('00000000-0000-7000-8001-00000000000{c}', 'person-{c}@example.org');

INSERT INTO clinicd.memberships (
    clinic_id, id, user_id, email, email_key, given_name, family_name, roles, password_ct,
    password_set_at)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-8002-00000000000{c}',
    '00000000-0000-7000-8001-00000000000{c}', 'Person-{c}@example.org', 'person-{c}@example.org',
    'Ada', 'Person', '{owner,practitioner}', '\x01', now());

INSERT INTO clinicd.sessions (clinic_id, id, membership_id, expires_at)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-8003-00000000000{c}',
    '00000000-0000-7000-8002-00000000000{c}', now() + interval '1 day');

INSERT INTO clinicd.refresh_tokens (clinic_id, id, session_id, token_hash, expires_at)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-8004-00000000000{c}',
    '00000000-0000-7000-8003-00000000000{c}', sha256('{c}'), now() + interval '1 day');

INSERT INTO clinicd.authz_changes (clinic_id, id, membership_id, min_epoch)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-8005-00000000000{c}',
    '00000000-0000-7000-8002-00000000000{c}', 2);

INSERT INTO clinicd.practitioners (clinic_id, id, membership_id, given_name, family_name)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-8006-00000000000{c}',
    '00000000-0000-7000-8002-00000000000{c}', 'Ada', 'Person');

INSERT INTO clinicd.locations (clinic_id, id, name, time_zone)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-800c-00000000000{c}',
    'Harbour', 'Europe/London');

INSERT INTO clinicd.resources (clinic_id, id, kind, name, location_id)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-800d-00000000000{c}', 'chair',
    'Chair 1', '00000000-0000-7000-800c-00000000000{c}');

INSERT INTO clinicd.working_hours (
    clinic_id, id, owner_kind, practitioner_id, location_id, weekday, from_minute, to_minute)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-800f-00000000000{c}',
    'practitioner', '00000000-0000-7000-8006-00000000000{c}',
    '00000000-0000-7000-800c-00000000000{c}', 1, 540, 840);

INSERT INTO clinicd.schedule_exceptions (
    clinic_id, id, owner_kind, resource_id, kind, first_on, last_on, from_minute, to_minute, reason)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-8010-00000000000{c}',
    'resource', '00000000-0000-7000-800d-00000000000{c}', 'closed', '2026-07-01', '2026-07-02', 540,
    600, 'Service');

INSERT INTO clinicd.calendar_feeds (clinic_id, id, practitioner_id, secret_hash)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-8011-00000000000{c}',
    '00000000-0000-7000-8006-00000000000{c}', sha256('{c}'));

INSERT INTO clinicd.visit_types (clinic_id, id, name)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-800e-00000000000{c}',
    'Check-up');

INSERT INTO clinicd.visit_type_segments (
    clinic_id, visit_type_id, position, resource_kind, offset_minutes, duration_minutes)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-800e-00000000000{c}', 1,
    'practitioner', 0, 30);

INSERT INTO clinicd.patients (
    clinic_id, id, given_name, family_name, born_on, file_number)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-8007-00000000000{c}', 'Grace',
    'Treated', '1990-05-04', '17');

INSERT INTO clinicd.patient_tokens (clinic_id, token, patient_id)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', 'treated',
    '00000000-0000-7000-8007-00000000000{c}');

INSERT INTO clinicd.appointments (
    clinic_id, id, patient_id, practitioner_id, local_start, time_zone, duration_minutes,
    starts_at, ends_at)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-8008-00000000000{c}',
    '00000000-0000-7000-8007-00000000000{c}', '00000000-0000-7000-8006-00000000000{c}',
    '2026-07-01 10:00', 'Europe/London', 30, '2026-07-01 09:00Z', '2026-07-01 09:30Z');

INSERT INTO clinicd.appointment_series (
    clinic_id, id, patient_id, practitioner_id, rule, local_start, time_zone, duration_minutes,
    allocations)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-800d-00000000000{c}',
    '00000000-0000-7000-8007-00000000000{c}', '00000000-0000-7000-8006-00000000000{c}',
    'FREQ=DAILY;COUNT=3', '2026-07-01 10:00', 'Europe/London', 30,
    'practitioner 00000000-0000-7000-8006-00000000000{c} 0 30');

INSERT INTO clinicd.appointment_events (
    clinic_id, appointment_id, row_version, kind, state, practitioner_id, local_start, time_zone,
    duration_minutes, occurred_at)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-8008-00000000000{c}', 1, 'booked',
    'booked', '00000000-0000-7000-8006-00000000000{c}', '2026-07-01 10:00', 'Europe/London', 30,
    now());

INSERT INTO clinicd.holds (
    clinic_id, id, membership_id, practitioner_id, local_start, time_zone, duration_minutes,
    starts_at, ends_at, expires_at)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-800c-00000000000{c}',
    '00000000-0000-7000-8002-00000000000{c}', '00000000-0000-7000-8006-00000000000{c}',
    '2026-07-02 10:00', 'Europe/London', 30, '2026-07-02 09:00Z', '2026-07-02 09:30Z',
    now() + interval '5 minutes');

INSERT INTO clinicd.occupancies (
    clinic_id, position, appointment_id, practitioner_id, starts_at, ends_at, offset_minutes,
    duration_minutes)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', 1, '00000000-0000-7000-8008-00000000000{c}',
    '00000000-0000-7000-8006-00000000000{c}', '2026-07-01 09:00Z', '2026-07-01 09:30Z', 0, 30);

INSERT INTO clinicd.waitlist_entries (
    clinic_id, id, patient_id, duration_minutes, urgency, earliest_on, latest_on)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-8011-00000000000{c}',
    '00000000-0000-7000-8007-00000000000{c}', 30, 'routine', '2026-07-01', '2026-07-31');

INSERT INTO clinicd.waitlist_offers (
    clinic_id, id, entry_id, hold_id, practitioner_id, local_start, time_zone, duration_minutes,
    starts_at, ends_at, allocations, created_at, expires_at)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-8012-00000000000{c}',
    '00000000-0000-7000-8011-00000000000{c}', '00000000-0000-7000-8013-00000000000{c}',
    '00000000-0000-7000-8006-00000000000{c}', '2026-07-03 10:00', 'Europe/London', 30,
    '2026-07-03 09:00Z', '2026-07-03 09:30Z',
    'practitioner 00000000-0000-7000-8006-00000000000{c} 0 30', '2026-07-01 09:00Z',
    '2026-07-01 10:00Z');

INSERT INTO clinicd.audit_events (clinic_id, id, category, action, method, outcome)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-8009-00000000000{c}', 'record',
    'read', 'clinicd.patients.v1.PatientService/GetPatient', 'OK');

INSERT INTO clinicd.audit_findings (
    clinic_id, id, day, rule, actor_id, found_count, first_at, last_at)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-8014-00000000000{c}',
    '2026-07-03', 'many_patients', '00000000-0000-7000-8002-00000000000{c}', 101,
    '2026-07-03 09:00Z', '2026-07-03 10:00Z');

INSERT INTO clinicd.audit_legal_holds (clinic_id, id, reason, placed_at, placed_by)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-8015-00000000000{c}', 'reason',
    '2026-07-03 09:00Z', '00000000-0000-7000-8002-00000000000{c}');

INSERT INTO clinicd.isolation_certificates (
    clinic_id, id, probed_on, started_at, ended_at, release, node, schema_version, table_count,
    empty_table_count, method_count, call_count, finding_count, findings, catalog_digest, digest)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-8016-00000000000{c}',
    '2026-07-03', '2026-07-03 03:00Z', '2026-07-03 03:01Z', '1.0.0', 'node', 33, 36, 0, 100, 900,
    0, '{}', sha256('{c}'), sha256('{c}'));

INSERT INTO clinicd.audit_leaves (clinic_id, leaf_index, event_id, leaf_hash)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', 0, '00000000-0000-7000-8009-00000000000{c}',
    sha256('{c}'));

INSERT INTO clinicd.audit_tiles (clinic_id, tile_level, tile_index, hashes)
VALUES ('00000000-0000-7000-8000-00000000000{c}', 0, 0, decode(repeat('00', 8192), 'hex'));

INSERT INTO clinicd.audit_heads (clinic_id, tree_size, root_hash, meta_index)
VALUES ('00000000-0000-7000-8000-00000000000{c}', 1, sha256('{c}'), ascii('{c}'));

INSERT INTO clinicd.audit_trees (clinic_id, tree_size, frontier)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', 1,
    decode('0000000000000001', 'hex') || sha256('{c}'));

INSERT INTO clinicd.audit_meta_leaves (meta_index, leaf_hash)
VALUES (ascii('{c}'), sha256('{c}'));

INSERT INTO clinicd.audit_meta_tiles (tile_level, tile_index, hashes)
VALUES (0, ascii('{c}'), decode(repeat('00', 8192), 'hex'));

INSERT INTO clinicd.audit_checkpoints (meta_size, note)
VALUES (ascii('{c}'), 'note');

INSERT INTO clinicd.audit_cosignatures (meta_size, witness, line)
VALUES (ascii('{c}'), 'witness', 'line');

INSERT INTO clinicd.audit_epochs (epoch, note)
VALUES (ascii('{c}'), 'note');

INSERT INTO clinicd.audit_sealer (system_identifier, last_event_id)
VALUES (1, '00000000-0000-7000-8009-00000000000{c}')
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.idempotency_keys (
    clinic_id, membership_id, request_id, method, request_hash, response)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-8002-00000000000{c}',
    '00000000-0000-7000-800a-00000000000{c}', 'clinicd.patients.v1.PatientService/CreatePatient',
    sha256('{c}'), '\x00');

INSERT INTO clinicd.changes (clinic_id, id, entity_type, entity_id, row_version, is_on)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-800b-00000000000{c}',
    'appointment', '00000000-0000-7000-8008-00000000000{c}', 1, '2026-07-01');

INSERT INTO clinicd.time_zone_versions (clinic_id, version)
VALUES ('00000000-0000-7000-8000-00000000000{c}', '2026f');

INSERT INTO clinicd.data_keys (clinic_id, subject_id, version, clinic_key_version, wrapped)
VALUES (
    '00000000-0000-7000-8000-00000000000{c}', '00000000-0000-7000-8000-00000000000{c}', 1, 1,
    decode(repeat('{c}0', 60), 'hex'));
