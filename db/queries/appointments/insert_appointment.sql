-- @returns one
-- @params id, part_allocations, patient_id, practitioner_id, visit_type_id, local_start, time_zone, ends_at, lane, overbook_reason, reason, external_id, created_by, now, part_kinds, part_occupants, part_offsets, part_durations, starts_at, duration_minutes, buffer_before_minutes, buffer_after_minutes
-- Without an id: nothing was inserted, because somebody or something wanted is absent, inactive or taken
-- (`taken_kinds`), or the external id is, or holds that have expired are to be removed first
-- (delete_expired_holds). Not complete: a part of it is taken, and the transaction must
-- not be committed. Who looks first spares the rows of an attempt that must fail, and on a busy day most
-- do; what becomes taken meanwhile, or is in a linked diary, is left to the constraints. A conflict does
-- nothing instead of failing, because failing inserts deadlock each other when many race for a slot;
-- so that those that want several things at once do not wait for each other in a circle, all ask for
-- them in the same order.
-- Bounds and arrays are as in find_taken_kinds, for its reasons.
WITH wanted AS MATERIALIZED (
    SELECT
        part.position::smallint AS position,
        part.kind,
        part.occupant_id,
        part.offset_minutes,
        part.duration_minutes,
        :starts_at::timestamptz + make_interval(mins => part.offset_minutes - CASE
            WHEN part.kind <> 'patient' AND part.offset_minutes = 0
                THEN :buffer_before_minutes::integer
            ELSE 0
        END) AS starts_at,
        :starts_at::timestamptz + make_interval(
            mins => part.offset_minutes + part.duration_minutes + CASE
                WHEN part.kind <> 'patient'
                    AND part.offset_minutes + part.duration_minutes = :duration_minutes::integer
                    THEN :buffer_after_minutes::integer
            ELSE 0
            END) AS ends_at,
        :starts_at::timestamptz - interval '2 days' AS earliest
    FROM unnest(
        (SELECT string_to_array(:part_kinds, ' ')),
        (SELECT string_to_array(:part_occupants, ' ')::uuid[]),
        (SELECT string_to_array(:part_offsets, ' ')::integer[]),
        (SELECT string_to_array(:part_durations, ' ')::integer[]))
        WITH ORDINALITY AS part (kind, occupant_id, offset_minutes, duration_minutes, position)
),
usable AS (
    SELECT
        wanted.position,
        wanted.kind,
        wanted.occupant_id,
        wanted.offset_minutes,
        wanted.duration_minutes,
        wanted.starts_at,
        wanted.ends_at,
        practitioner.person_id
    FROM wanted
    LEFT JOIN clinicd.practitioners AS practitioner
        ON wanted.kind = 'practitioner'
        AND practitioner.clinic_id = :clinic_id
        AND practitioner.id = wanted.occupant_id
        AND practitioner.active
    LEFT JOIN clinicd.resources AS resource
        ON resource.clinic_id = :clinic_id
        AND resource.id = wanted.occupant_id
        AND resource.kind = wanted.kind
        AND resource.active
    WHERE wanted.kind = 'patient'
        OR practitioner.id IS NOT NULL
        OR resource.id IS NOT NULL
),
wish AS MATERIALIZED (
    SELECT
        (SELECT count(*) FROM usable) = (SELECT count(*) FROM wanted)
            AND (:visit_type_id::uuid IS NULL
                OR EXISTS (
                    SELECT
                    FROM clinicd.visit_types AS visit_type
                    WHERE visit_type.clinic_id = :clinic_id
                        AND visit_type.id = :visit_type_id
                        AND visit_type.active)) AS usable
),
in_the_way AS MATERIALIZED (
    SELECT
        string_agg(DISTINCT wanted.kind, ',' ORDER BY wanted.kind)
            FILTER (WHERE hold.expires_at IS NULL OR hold.expires_at > :now) AS kinds,
        count(*) FILTER (WHERE hold.expires_at <= :now) > 0 AS expired_holds
    FROM wanted
    CROSS JOIN LATERAL (
        SELECT
            near.hold_id
        FROM clinicd.occupancies AS near
        WHERE near.clinic_id = :clinic_id
            AND (near.occupant_id, near.starts_at) > (wanted.occupant_id, wanted.earliest)
            AND (near.occupant_id, near.starts_at) < (wanted.occupant_id, wanted.ends_at)
            AND near.active
            AND near.ends_at > wanted.starts_at
            AND near.lane = CASE WHEN wanted.kind = 'patient' THEN 0 ELSE :lane::smallint END
        OFFSET 0
    ) AS other
    LEFT JOIN clinicd.holds AS hold
        ON hold.clinic_id = :clinic_id
        AND hold.id = other.hold_id
),
appointment AS (
    INSERT INTO clinicd.appointments
        (clinic_id, id, patient_id, practitioner_id, visit_type_id, local_start, time_zone,
         duration_minutes, starts_at, ends_at, buffer_before_minutes, buffer_after_minutes, lane,
         overbook_reason, reason, external_id, created_at, updated_at, created_by)
    SELECT
        :clinic_id,
        :id,
        :patient_id,
        :practitioner_id,
        :visit_type_id,
        :local_start,
        :time_zone,
        :duration_minutes,
        :starts_at,
        :ends_at,
        :buffer_before_minutes,
        :buffer_after_minutes,
        :lane,
        :overbook_reason,
        :reason,
        :external_id,
        :now,
        :now,
        :created_by
    WHERE (SELECT wish.usable FROM wish)
        AND (SELECT in_the_way.kinds IS NULL AND NOT in_the_way.expired_holds FROM in_the_way)
    ON CONFLICT DO NOTHING
    RETURNING
        appointments.id,
        appointments.patient_id,
        appointments.practitioner_id,
        appointments.visit_type_id,
        appointments.local_start,
        appointments.time_zone,
        appointments.duration_minutes,
        appointments.starts_at,
        appointments.ends_at,
        appointments.buffer_before_minutes,
        appointments.buffer_after_minutes,
        appointments.lane,
        appointments.overbook_reason,
        appointments.reason,
        appointments.state,
        appointments.confirmed_at,
        appointments.arrived_at,
        appointments.seated_at,
        appointments.completed_at,
        appointments.no_show_at,
        appointments.cancelled_at,
        appointments.cancelled_by,
        appointments.cancel_reason,
        appointments.cancelled_late,
        appointments.external_id,
        appointments.series_id,
        appointments.series_ordinal,
        appointments.series_exception,
        appointments.row_version,
        appointments.created_at
),
taken AS (
    INSERT INTO clinicd.occupancies
        (clinic_id, appointment_id, position, practitioner_id, resource_id, patient_id,
         person_id, lane, starts_at, ends_at, offset_minutes, duration_minutes)
    SELECT
        :clinic_id,
        appointment.id,
        usable.position,
        CASE WHEN usable.kind = 'practitioner' THEN usable.occupant_id END,
        CASE WHEN usable.kind NOT IN ('practitioner', 'patient') THEN usable.occupant_id END,
        CASE WHEN usable.kind = 'patient' THEN usable.occupant_id END,
        usable.person_id,
        CASE WHEN usable.kind = 'patient' THEN 0 ELSE :lane::smallint END,
        usable.starts_at,
        usable.ends_at,
        usable.offset_minutes,
        usable.duration_minutes
    FROM usable, appointment
    ORDER BY
        COALESCE(usable.person_id, usable.occupant_id),
        usable.starts_at
    ON CONFLICT DO NOTHING
    RETURNING
        occupancies.position
),
event AS (
    INSERT INTO clinicd.appointment_events
        (clinic_id, appointment_id, row_version, kind, state, practitioner_id, local_start,
         time_zone, duration_minutes, reason, occurred_at, caused_by)
    SELECT
        :clinic_id,
        appointment.id,
        appointment.row_version,
        'booked',
        appointment.state,
        appointment.practitioner_id,
        appointment.local_start,
        appointment.time_zone,
        appointment.duration_minutes,
        COALESCE(appointment.overbook_reason, ''),
        appointment.created_at,
        :created_by
    FROM appointment
)
SELECT
    appointment.id,
    appointment.patient_id,
    appointment.practitioner_id,
    appointment.visit_type_id,
    appointment.local_start,
    appointment.time_zone,
    appointment.duration_minutes,
    appointment.starts_at,
    appointment.ends_at,
    appointment.buffer_before_minutes,
    appointment.buffer_after_minutes,
    appointment.lane,
    appointment.overbook_reason,
    appointment.reason,
    appointment.state,
    appointment.confirmed_at,
    appointment.arrived_at,
    appointment.seated_at,
    appointment.completed_at,
    appointment.no_show_at,
    appointment.cancelled_at,
    appointment.cancelled_by,
    appointment.cancel_reason,
    appointment.cancelled_late,
    appointment.external_id,
    appointment.series_id,
    appointment.series_ordinal,
    appointment.series_exception,
    appointment.row_version,
    appointment.created_at,
    patient.given_name AS patient_given_name,
    patient.family_name AS patient_family_name,
    :part_allocations::text AS allocations,
    wish.usable,
    patient.id IS NOT NULL AS patient_exists,
    in_the_way.kinds AS taken_kinds,
    in_the_way.expired_holds,
    (SELECT count(*) FROM taken) = (SELECT count(*) FROM wanted) AS complete
FROM in_the_way
CROSS JOIN wish
LEFT JOIN appointment
    ON true
LEFT JOIN clinicd.patients AS patient
    ON patient.clinic_id = :clinic_id
    AND patient.id = :patient_id
