-- Values that are unique in the clinic and that others will try to use as well: numbers 1 to
-- {count}. Inserted after the canaries, so that a clinic that uses one does not carry another's.
INSERT INTO clinicd.patients (
    clinic_id, id, given_name, family_name, born_on, file_number, external_id)
SELECT
    '{clinic}',
    gen_random_uuid(),
    'Given-' || n,
    '{canary}',
    '1990-05-04',
    '{mark}-' || n,
    '{mark}-' || n
FROM generate_series(1, {count}) AS n;

INSERT INTO clinicd.practitioners (clinic_id, id, given_name, family_name, external_id)
SELECT
    '{clinic}',
    gen_random_uuid(),
    'Given-' || n,
    '{canary}',
    '{mark}-' || n
FROM generate_series(1, {count}) AS n;

INSERT INTO clinicd.appointments (
    clinic_id, id, patient_id, practitioner_id, local_start, time_zone, duration_minutes,
    starts_at, ends_at, reason, external_id)
SELECT
    '{clinic}',
    gen_random_uuid(),
    '{patient}',
    '{practitioner}',
    local_start,
    '{time_zone}',
    30,
    local_start AT TIME ZONE '{time_zone}',
    local_start AT TIME ZONE '{time_zone}' + interval '30 minutes',
    '{canary}',
    '{mark}-' || n
FROM generate_series(1, {count}) AS n,
    LATERAL (SELECT timestamp '2032-03-03 09:00' + n * interval '1 day') AS day (local_start);

INSERT INTO clinicd.locations (clinic_id, id, name, time_zone, external_id)
SELECT
    '{clinic}',
    gen_random_uuid(),
    '{canary}',
    '{time_zone}',
    '{mark}-' || n
FROM generate_series(1, {count}) AS n;

INSERT INTO clinicd.resources (clinic_id, id, kind, name, external_id)
SELECT
    '{clinic}',
    gen_random_uuid(),
    'chair',
    '{canary}',
    '{mark}-' || n
FROM generate_series(1, {count}) AS n;

INSERT INTO clinicd.visit_types (clinic_id, id, name, external_id)
SELECT
    '{clinic}',
    gen_random_uuid(),
    '{canary}',
    '{mark}-' || n
FROM generate_series(1, {count}) AS n;

-- Those of the seed have theirs.
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
