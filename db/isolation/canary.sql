-- What a clinic that others try to reach has, besides its row in clinics: a row in every table that
-- clinicd_app may write, two where there are lists. What stands in braces is filled in. Run as often
-- as wanted, in a transaction of the clinic: what is there already stays as it is.
INSERT INTO clinicd.users (id, email_key)
SELECT
    md5('{clinic} person ' || n)::uuid,
    'seed' || n || '@{canary}.example'
FROM generate_series(1, 4) AS n
ON CONFLICT (id) DO NOTHING;

-- None has a password.
INSERT INTO clinicd.memberships (
    clinic_id, id, user_id, email, email_key, given_name, family_name, roles)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{user}' WHEN 2 THEN '{caller}' ELSE md5('{clinic} user ' || n)::uuid END,
    md5('{clinic} person ' || n)::uuid,
    'seed' || n || '@{canary}.example',
    'seed' || n || '@{canary}.example',
    'Given {canary}',
    'Family {canary}',
    ARRAY[CASE n WHEN 2 THEN 'owner' ELSE 'receptionist' END]
FROM generate_series(1, 4) AS n
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.sessions (clinic_id, id, membership_id, expires_at, user_agent)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{session}' ELSE md5('{clinic} session ' || n)::uuid END,
    CASE n WHEN 1 THEN '{user}'::uuid ELSE '{caller}'::uuid END,
    now() + interval '100 years',
    '{canary}'
FROM generate_series(1, 3) AS n
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.refresh_tokens (clinic_id, id, session_id, token_hash, expires_at)
VALUES ('{clinic}', '{refresh_token}', '{session}', sha256(sha256('{mark}')),
    now() + interval '100 years')
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.authz_changes (clinic_id, id, membership_id, min_epoch)
VALUES ('{clinic}', md5('{clinic} authz change')::uuid, '{user}', 1)
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.practitioners (
    clinic_id, id, membership_id, given_name, family_name, speciality, external_id)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{practitioner}' ELSE md5('{clinic} practitioners ' || n)::uuid END,
    '{user}',
    'Given {canary}',
    'Family {canary}',
    'Speciality {canary}',
    'seed' || n
FROM generate_series(1, 3) AS n
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.locations (clinic_id, id, name, time_zone, external_id)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{location}' ELSE md5('{clinic} locations ' || n)::uuid END,
    'Name {canary}',
    '{time_zone}',
    'seed' || n
FROM generate_series(1, 3) AS n
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.resources (
    clinic_id, id, kind, name, location_id, color, sort_order, external_id)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{resource}' ELSE md5('{clinic} resources ' || n)::uuid END,
    'chair',
    'Name {canary}',
    '{location}',
    '#2f80ed',
    n,
    'seed' || n
FROM generate_series(1, 3) AS n
ON CONFLICT DO NOTHING;

-- Always, so that they stand in the way of no booking.
INSERT INTO clinicd.working_hours (
    clinic_id, id, owner_kind, practitioner_id, weekday, from_minute, to_minute)
SELECT
    '{clinic}',
    md5('{clinic} working hours ' || weekday)::uuid,
    'practitioner',
    '{practitioner}',
    weekday,
    0,
    1440
FROM generate_series(1, 7) AS weekday
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.schedule_exceptions (
    clinic_id, id, owner_kind, practitioner_id, kind, first_on, last_on, reason)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{schedule_exception}' ELSE md5('{clinic} schedule_exceptions ' || n)::uuid END,
    'practitioner',
    '{practitioner}',
    'extra',
    '2031-03-03',
    '2031-03-03',
    'Reason {canary}'
FROM generate_series(1, 3) AS n
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.calendar_feeds (clinic_id, id, practitioner_id, secret_hash)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{calendar_feed}' ELSE md5('{clinic} calendar_feeds ' || n)::uuid END,
    '{practitioner}',
    sha256(convert_to('seed' || n, 'UTF8'))
FROM generate_series(1, 3) AS n
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.visit_types (clinic_id, id, name, description, color, external_id)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{visit_type}' ELSE md5('{clinic} visit_types ' || n)::uuid END,
    'Name {canary}',
    'Description {canary}',
    '#2f80ed',
    'seed' || n
FROM generate_series(1, 3) AS n
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.visit_type_segments (
    clinic_id, visit_type_id, position, resource_kind, offset_minutes, duration_minutes)
SELECT
    clinic_id,
    id,
    1,
    'practitioner',
    0,
    30
FROM clinicd.visit_types
WHERE clinic_id = '{clinic}'
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.patients (
    clinic_id, id, given_name, family_name, born_on, file_number, phone, email, address, alert,
    external_id)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{patient}' ELSE md5('{clinic} patients ' || n)::uuid END,
    'Given {canary}',
    'Family {canary}',
    '1990-05-04',
    'seed' || n,
    '+34 600 000 000',
    'patient@{canary}.example',
    'Street {canary}',
    'Alert {canary}',
    'seed' || n
FROM generate_series(1, 3) AS n
ON CONFLICT DO NOTHING;

-- A search for the canary finds all of them.
INSERT INTO clinicd.patient_tokens (clinic_id, token, patient_id)
SELECT
    '{clinic}',
    '{canary}',
    id
FROM clinicd.patients
WHERE clinic_id = '{clinic}'
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.appointment_series (
    clinic_id, id, patient_id, practitioner_id, visit_type_id, rule, local_start, time_zone,
    duration_minutes, allocations, reason)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{series}' ELSE md5('{clinic} appointment_series ' || n)::uuid END,
    '{patient}',
    '{practitioner}',
    '{visit_type}',
    'FREQ=DAILY;COUNT=3',
    timestamp '2031-03-03 09:00',
    '{time_zone}',
    30,
    'practitioner {practitioner} 0 30',
    'Reason {canary}'
FROM generate_series(1, 3) AS n
ON CONFLICT DO NOTHING;

-- One that begins soon, so that arrival is possible, and a day in the future.
INSERT INTO clinicd.appointments (
    clinic_id, id, patient_id, practitioner_id, visit_type_id, local_start, time_zone,
    duration_minutes, starts_at, ends_at, reason, external_id, series_id, series_ordinal)
SELECT
    '{clinic}',
    id::uuid,
    '{patient}',
    '{practitioner}',
    '{visit_type}',
    local_start,
    '{time_zone}',
    30,
    local_start AT TIME ZONE '{time_zone}',
    local_start AT TIME ZONE '{time_zone}' + interval '30 minutes',
    'Reason {canary}',
    'seed' || id,
    CASE WHEN ordinal > 0 THEN '{series}'::uuid END,
    CASE WHEN ordinal > 0 THEN ordinal END
FROM (VALUES
    ('{appointment}', date_trunc('minute', (now() + interval '1 hour') AT TIME ZONE '{time_zone}'),
        0),
    ('{series_appointment}', timestamp '2031-03-03 09:00', 1),
    (md5('{clinic} appointment 2')::uuid::text, timestamp '2031-03-03 10:00', 2),
    (md5('{clinic} appointment 3')::uuid::text, timestamp '2031-03-03 11:00', 3)
) AS booked (id, local_start, ordinal)
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.appointments (
    clinic_id, id, patient_id, practitioner_id, local_start, time_zone, duration_minutes,
    starts_at, ends_at, state, overbook_reason, cancelled_at, cancelled_by, cancel_reason,
    cancelled_late)
SELECT
    '{clinic}',
    '{cancelled_appointment}',
    '{patient}',
    '{practitioner}',
    local_start,
    '{time_zone}',
    30,
    local_start AT TIME ZONE '{time_zone}',
    local_start AT TIME ZONE '{time_zone}' + interval '30 minutes',
    'cancelled',
    'Overbook reason {canary}',
    now(),
    'patient',
    'Cancel reason {canary}',
    false
FROM (VALUES (timestamp '2031-03-03 12:00')) AS cancelled (local_start)
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.appointment_events (
    clinic_id, appointment_id, row_version, kind, state, practitioner_id, local_start, time_zone,
    duration_minutes, reason, occurred_at, caused_by)
SELECT
    clinic_id,
    id,
    row_version,
    'booked',
    state,
    practitioner_id,
    local_start,
    time_zone,
    duration_minutes,
    'Reason {canary}',
    created_at,
    '{user}'
FROM clinicd.appointments
WHERE clinic_id = '{clinic}'
    AND patient_id = '{patient}'
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.holds (
    clinic_id, id, membership_id, practitioner_id, local_start, time_zone, duration_minutes,
    starts_at, ends_at, expires_at)
SELECT
    '{clinic}',
    '{hold}',
    '{user}',
    '{practitioner}',
    local_start,
    '{time_zone}',
    30,
    local_start AT TIME ZONE '{time_zone}',
    local_start AT TIME ZONE '{time_zone}' + interval '30 minutes',
    now() + interval '1 day'
FROM (VALUES (timestamp '2031-03-03 14:00')) AS held (local_start)
ON CONFLICT DO NOTHING;

-- They fit the time of the cancelled appointment.
INSERT INTO clinicd.waitlist_entries (
    clinic_id, id, patient_id, visit_type_id, practitioner_id, urgency, note)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{waitlist_entry}' ELSE md5('{clinic} waitlist_entries ' || n)::uuid END,
    '{patient}',
    '{visit_type}',
    '{practitioner}',
    'routine',
    'Note {canary}'
FROM generate_series(1, 3) AS n
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.waitlist_offers (
    clinic_id, id, entry_id, hold_id, practitioner_id, local_start, time_zone, duration_minutes,
    starts_at, ends_at, allocations, expires_at)
SELECT
    '{clinic}',
    '{waitlist_offer}',
    '{waitlist_entry}',
    md5('{clinic} offered hold')::uuid,
    '{practitioner}',
    local_start,
    '{time_zone}',
    30,
    local_start AT TIME ZONE '{time_zone}',
    local_start AT TIME ZONE '{time_zone}' + interval '30 minutes',
    'practitioner {practitioner} 0 30',
    now() + interval '1 day'
FROM (VALUES (timestamp '2031-03-03 15:00')) AS offered (local_start)
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.occupancies (
    clinic_id, position, appointment_id, patient_id, starts_at, ends_at, offset_minutes,
    duration_minutes)
SELECT
    clinic_id,
    1,
    id,
    patient_id,
    starts_at,
    ends_at,
    0,
    duration_minutes
FROM clinicd.appointments
WHERE clinic_id = '{clinic}'
    AND patient_id = '{patient}'
    AND state = 'booked'
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.occupancies (
    clinic_id, position, appointment_id, practitioner_id, starts_at, ends_at, offset_minutes,
    duration_minutes)
SELECT
    clinic_id,
    2,
    id,
    practitioner_id,
    starts_at,
    ends_at,
    0,
    duration_minutes
FROM clinicd.appointments
WHERE clinic_id = '{clinic}'
    AND patient_id = '{patient}'
    AND state = 'booked'
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.occupancies (
    clinic_id, position, hold_id, practitioner_id, starts_at, ends_at, offset_minutes,
    duration_minutes)
SELECT
    clinic_id,
    1,
    id,
    practitioner_id,
    starts_at,
    ends_at,
    0,
    duration_minutes
FROM clinicd.holds
WHERE clinic_id = '{clinic}'
    AND id = '{hold}'
ON CONFLICT DO NOTHING;

-- One of them is open.
INSERT INTO clinicd.audit_findings (
    clinic_id, id, day, rule, actor_id, patient_id, found_count, first_at, last_at, state, note,
    closed_at, closed_by)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{audit_finding}' ELSE md5('{clinic} audit finding ' || n)::uuid END,
    '2031-03-03',
    'break_glass',
    '{user}',
    md5('{clinic} found patient ' || n)::uuid,
    1,
    now(),
    now(),
    CASE n WHEN 1 THEN 'open' ELSE 'closed' END,
    CASE n WHEN 1 THEN '' ELSE 'Note {canary}' END,
    CASE n WHEN 1 THEN NULL ELSE now() END,
    CASE n WHEN 1 THEN NULL ELSE '{user}'::uuid END
FROM generate_series(1, 3) AS n
ON CONFLICT DO NOTHING;

-- Released, so that they keep no month of anybody's events.
INSERT INTO clinicd.audit_legal_holds (
    clinic_id, id, patient_id, reason, placed_at, placed_by, state, release_reason, released_at,
    released_by)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{legal_hold}' ELSE md5('{clinic} legal hold ' || n)::uuid END,
    '{patient}',
    'Reason {canary}',
    now(),
    '{user}',
    'released',
    'Release {canary}',
    now(),
    '{user}'
FROM generate_series(1, 3) AS n
ON CONFLICT DO NOTHING;

INSERT INTO clinicd.isolation_certificates (
    clinic_id, id, probed_on, started_at, ended_at, release, node, schema_version, table_count,
    empty_table_count, method_count, call_count, finding_count, findings, catalog_digest, digest)
SELECT
    '{clinic}',
    CASE n
        WHEN 1 THEN '{isolation_certificate}'
        ELSE md5('{clinic} isolation certificate ' || n)::uuid
    END,
    date '2000-01-01' + n,
    timestamptz '2000-01-01 00:00Z' + n * interval '1 day',
    timestamptz '2000-01-01 00:00Z' + n * interval '1 day',
    'Release {canary}',
    'Node {canary}',
    1,
    1,
    0,
    1,
    1,
    1,
    ARRAY['Finding {canary}'],
    sha256('{canary}'),
    sha256(convert_to('{canary}' || n, 'UTF8'))
FROM generate_series(1, 3) AS n
ON CONFLICT DO NOTHING;

-- Good for a few days only, so there is one a run.
INSERT INTO clinicd.idempotency_keys (
    clinic_id, membership_id, request_id, method, request_hash, response)
VALUES ('{clinic}', '{user}', gen_random_uuid(), 'Method {canary}', sha256('{canary}'), '\x00');

INSERT INTO clinicd.changes (clinic_id, id, entity_type, entity_id, row_version, is_on)
VALUES ('{clinic}', gen_random_uuid(), 'appointment', '{appointment}', 1, '2031-03-03');

INSERT INTO clinicd.time_zone_versions (clinic_id, version)
VALUES ('{clinic}', '2026f')
ON CONFLICT DO NOTHING;
