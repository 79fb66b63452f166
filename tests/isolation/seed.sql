-- What a clinic of the isolation suite has, besides its row in clinics. World fills in what stands
-- in braces. Each table has a row, each column that can hold a word a value; Catalog::Plant() then
-- puts the clinic's canary into all of them.
INSERT INTO clinicd.users (id, email_key)
SELECT
    gen_random_uuid(),
    'seed' || n || '@{canary}.example'
FROM generate_series(1, 3) AS n;

INSERT INTO clinicd.memberships (
    clinic_id, id, user_id, email, email_key, given_name, family_name, roles, password_ct,
    password_set_at)
SELECT
    '{clinic}',
    CASE WHEN email_key LIKE 'seed1@%' THEN '{user}' ELSE gen_random_uuid() END,
    id,
    email_key,
    email_key,
    'Given',
    'Family',
    ARRAY['receptionist'],
    '\x01',
    now()
FROM clinicd.users
WHERE email_key LIKE 'seed%@{canary}.example';

INSERT INTO clinicd.sessions (clinic_id, id, membership_id, expires_at)
VALUES ('{clinic}', '{session}', '{user}', now() + interval '1 day');

INSERT INTO clinicd.refresh_tokens (clinic_id, id, session_id, token_hash, expires_at)
VALUES ('{clinic}', gen_random_uuid(), '{session}', sha256(''), now() + interval '1 day');

INSERT INTO clinicd.authz_changes (clinic_id, id, membership_id, min_epoch)
VALUES ('{clinic}', gen_random_uuid(), '{user}', 1);

INSERT INTO clinicd.practitioners (
    clinic_id, id, membership_id, given_name, family_name, speciality, external_id)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{practitioner}' ELSE gen_random_uuid() END,
    '{user}',
    'Given',
    'Family',
    'Speciality',
    'seed' || n
FROM generate_series(1, 3) AS n;

INSERT INTO clinicd.locations (clinic_id, id, name, time_zone, external_id)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{location}' ELSE gen_random_uuid() END,
    'Name',
    '{time_zone}',
    'seed' || n
FROM generate_series(1, 3) AS n;

INSERT INTO clinicd.resources (
    clinic_id, id, kind, name, location_id, color, sort_order, external_id)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{resource}' ELSE gen_random_uuid() END,
    'chair',
    'Name',
    '{location}',
    '#2f80ed',
    n,
    'seed' || n
FROM generate_series(1, 3) AS n;

-- Always, so that they stand in the way of no booking.
INSERT INTO clinicd.working_hours (
    clinic_id, id, owner_kind, practitioner_id, weekday, from_minute, to_minute)
SELECT
    '{clinic}',
    gen_random_uuid(),
    'practitioner',
    '{practitioner}',
    weekday,
    0,
    1440
FROM generate_series(1, 7) AS weekday;

INSERT INTO clinicd.schedule_exceptions (
    clinic_id, id, owner_kind, practitioner_id, kind, first_on, last_on, reason)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{schedule_exception}' ELSE gen_random_uuid() END,
    'practitioner',
    '{practitioner}',
    'extra',
    '2031-03-03',
    '2031-03-03',
    'Reason'
FROM generate_series(1, 3) AS n;

INSERT INTO clinicd.calendar_feeds (clinic_id, id, practitioner_id, secret_hash)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{calendar_feed}' ELSE gen_random_uuid() END,
    '{practitioner}',
    sha256(convert_to('seed' || n, 'UTF8'))
FROM generate_series(1, 3) AS n;

INSERT INTO clinicd.visit_types (clinic_id, id, name, description, color, external_id)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{visit_type}' ELSE gen_random_uuid() END,
    'Name',
    'Description',
    '#2f80ed',
    'seed' || n
FROM generate_series(1, 3) AS n;

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
WHERE clinic_id = '{clinic}';

INSERT INTO clinicd.patients (
    clinic_id, id, given_name, family_name, born_on, file_number, phone, email, address,
    external_id)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{patient}' ELSE gen_random_uuid() END,
    'Given',
    'Family',
    '1990-05-04',
    'seed' || n,
    '+34 600 000 000',
    'patient@clinic.example',
    'Street',
    'seed' || n
FROM generate_series(1, 3) AS n;

-- A search for the canary finds all of them.
INSERT INTO clinicd.patient_tokens (clinic_id, token, patient_id)
SELECT
    '{clinic}',
    '{canary}',
    id
FROM clinicd.patients
WHERE clinic_id = '{clinic}';

-- One that begins soon, so that arrival is possible, and a day in the future.
INSERT INTO clinicd.appointments (
    clinic_id, id, patient_id, practitioner_id, local_start, time_zone, duration_minutes,
    starts_at, ends_at, reason, external_id)
SELECT
    '{clinic}',
    id::uuid,
    '{patient}',
    '{practitioner}',
    local_start,
    '{time_zone}',
    30,
    local_start AT TIME ZONE '{time_zone}',
    local_start AT TIME ZONE '{time_zone}' + interval '30 minutes',
    'Reason',
    'seed' || id
FROM (VALUES
    ('{appointment}', date_trunc('minute', (now() + interval '1 hour') AT TIME ZONE '{time_zone}')),
    (gen_random_uuid()::text, timestamp '2031-03-03 09:00'),
    (gen_random_uuid()::text, timestamp '2031-03-03 10:00'),
    (gen_random_uuid()::text, timestamp '2031-03-03 11:00')) AS booked (id, local_start);

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
    'Overbook reason',
    now(),
    'patient',
    'Cancel reason',
    false
FROM (VALUES (timestamp '2031-03-03 12:00')) AS cancelled (local_start);

INSERT INTO clinicd.appointment_series (
    clinic_id, id, patient_id, practitioner_id, rule, local_start, time_zone, duration_minutes,
    allocations, reason)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{series}' ELSE gen_random_uuid() END,
    '{patient}',
    '{practitioner}',
    'FREQ=DAILY;COUNT=3',
    timestamp '2031-03-03 09:00',
    '{time_zone}',
    30,
    'practitioner {practitioner} 0 30',
    'Reason'
FROM generate_series(1, 3) AS n;

-- More than one, so that there is a second page.
UPDATE clinicd.appointments AS appointment
SET
    series_id = '{series}',
    series_ordinal = numbered.ordinal
FROM (
    SELECT
        id,
        row_number() OVER (ORDER BY id) AS ordinal
    FROM clinicd.appointments
    WHERE clinic_id = '{clinic}'
        AND local_start::date = '2031-03-03'
) AS numbered
WHERE appointment.clinic_id = '{clinic}'
    AND appointment.id = numbered.id;

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
    'Reason',
    created_at,
    '{user}'
FROM clinicd.appointments
WHERE clinic_id = '{clinic}';

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
FROM (VALUES (timestamp '2031-03-03 14:00')) AS held (local_start);

-- They fit the time of the cancelled appointment.
INSERT INTO clinicd.waitlist_entries (
    clinic_id, id, patient_id, visit_type_id, practitioner_id, urgency, note)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{waitlist_entry}' ELSE gen_random_uuid() END,
    '{patient}',
    '{visit_type}',
    '{practitioner}',
    'routine',
    'Note'
FROM generate_series(1, 3) AS n;

INSERT INTO clinicd.waitlist_offers (
    clinic_id, id, entry_id, hold_id, practitioner_id, local_start, time_zone, duration_minutes,
    starts_at, ends_at, allocations, expires_at)
SELECT
    '{clinic}',
    '{waitlist_offer}',
    '{waitlist_entry}',
    gen_random_uuid(),
    '{practitioner}',
    local_start,
    '{time_zone}',
    30,
    local_start AT TIME ZONE '{time_zone}',
    local_start AT TIME ZONE '{time_zone}' + interval '30 minutes',
    'practitioner {practitioner} 0 30',
    now() + interval '1 day'
FROM (VALUES (timestamp '2031-03-03 15:00')) AS offered (local_start);

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
    AND state = 'booked';

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
    AND state = 'booked';

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
WHERE clinic_id = '{clinic}';

-- Version 7, because events are found by the time in their ids.
INSERT INTO clinicd.audit_events (
    clinic_id, id, category, action, method, outcome, actor_id, actor_roles, session_id,
    patient_id, entity_type, entity_id, entity_version, request_id, client_address, user_agent,
    purpose, node, build)
SELECT
    '{clinic}',
    CASE n
        WHEN 1 THEN '{audit_event}'
        ELSE (lpad(to_hex((extract(EPOCH FROM now()) * 1000)::bigint), 12, '0')
            || '7000' || lpad(to_hex(32768 + n), 4, '0') || substr(md5('{clinic}' || n), 1, 12))::uuid
    END,
    'record',
    'update',
    'Method',
    'Outcome',
    '{user}',
    'receptionist',
    '{session}',
    '{patient}',
    'patient',
    '{patient}',
    1,
    'request',
    'address',
    'agent',
    'purpose',
    'node',
    'build'
FROM generate_series(1, 3) AS n;

-- One of them is closed, so that each column that can hold a word has one.
INSERT INTO clinicd.audit_findings (
    clinic_id, id, day, rule, actor_id, patient_id, found_count, first_at, last_at)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{audit_finding}' ELSE gen_random_uuid() END,
    '2031-03-03',
    'break_glass',
    '{user}',
    gen_random_uuid(),
    1,
    now(),
    now()
FROM generate_series(1, 3) AS n;

UPDATE clinicd.audit_findings
SET
    state = 'closed',
    note = 'note',
    closed_at = now(),
    closed_by = '{user}'
WHERE clinic_id = '{clinic}'
    AND id <> '{audit_finding}';

INSERT INTO clinicd.audit_legal_holds (clinic_id, id, patient_id, reason, placed_at, placed_by)
SELECT
    '{clinic}',
    CASE n WHEN 1 THEN '{legal_hold}' ELSE gen_random_uuid() END,
    '{patient}',
    'reason',
    now(),
    '{user}'
FROM generate_series(1, 3) AS n;

UPDATE clinicd.audit_legal_holds
SET
    state = 'released',
    release_reason = 'release',
    released_at = now(),
    released_by = '{user}'
WHERE clinic_id = '{clinic}'
    AND id <> '{legal_hold}';

-- The first of the events and one more are sealed, with hashes that are made up: an export has a
-- second page.
INSERT INTO clinicd.audit_leaves (clinic_id, leaf_index, event_id, leaf_hash)
SELECT
    '{clinic}',
    row_number() OVER (ORDER BY (id = '{audit_event}') DESC, id) - 1,
    id,
    sha256('{clinic}')
FROM clinicd.audit_events
WHERE clinic_id = '{clinic}'
ORDER BY
    (id = '{audit_event}') DESC,
    id
LIMIT 2;

INSERT INTO clinicd.audit_tiles (clinic_id, tile_level, tile_index, hashes)
VALUES ('{clinic}', 0, 0, decode(repeat('00', 8192), 'hex'));

INSERT INTO clinicd.audit_trees (clinic_id, tree_size, frontier)
VALUES ('{clinic}', 2, decode('0000000000000002', 'hex') || sha256('{clinic}'));

INSERT INTO clinicd.audit_heads (clinic_id, tree_size, root_hash, meta_index)
SELECT '{clinic}', 2, sha256('{clinic}'), count(*)
FROM clinicd.audit_heads;

INSERT INTO clinicd.audit_meta_leaves (meta_index, leaf_hash)
SELECT count(*), sha256('leaf')
FROM clinicd.audit_meta_leaves;

INSERT INTO clinicd.audit_checkpoints (meta_size, note)
SELECT count(*) + 1, 'note'
FROM clinicd.audit_checkpoints;

INSERT INTO clinicd.idempotency_keys (
    clinic_id, membership_id, request_id, method, request_hash, response)
VALUES ('{clinic}', '{user}', gen_random_uuid(), 'Method', sha256(''), '\x00');

INSERT INTO clinicd.changes (clinic_id, id, entity_type, entity_id, row_version, is_on)
VALUES ('{clinic}', gen_random_uuid(), 'appointment', '{appointment}', 1, '2031-03-03');

INSERT INTO clinicd.time_zone_versions (clinic_id, version)
VALUES ('{clinic}', '2026f');

-- Of nobody, and not a key: the clinic's own are made when it keeps its first private value.
INSERT INTO clinicd.data_keys (clinic_id, subject_id, version, clinic_key_version, wrapped)
VALUES ('{clinic}', gen_random_uuid(), 1, 1, decode(repeat('00', 60), 'hex'));
