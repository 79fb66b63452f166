-- @returns optional
-- @params id, row_version, kind, from_states, to_state, occupies, starts_from, starts_until, ends_from, reason, cancelled_by, cancel_cutoff_minutes, changed_by, now
-- No row: absent, of another version, in another state, or outside of the times allowed. What a
-- change takes back comes as it was before.
WITH before AS (
    SELECT
        appointment.id,
        appointment.state,
        appointment.confirmed_at,
        appointment.arrived_at,
        appointment.seated_at,
        appointment.completed_at,
        appointment.no_show_at
    FROM clinicd.appointments AS appointment
    WHERE appointment.clinic_id = :clinic_id
        AND appointment.id = :id
        AND appointment.state = ANY (string_to_array(:from_states, ' '))
        AND (:row_version::bigint IS NULL OR appointment.row_version = :row_version)
        AND (:starts_from::timestamptz IS NULL OR appointment.starts_at >= :starts_from)
        AND (:starts_until::timestamptz IS NULL OR appointment.starts_at <= :starts_until)
        AND (:ends_from::timestamptz IS NULL OR appointment.ends_at >= :ends_from)
    FOR NO KEY UPDATE
),
appointment AS (
    UPDATE clinicd.appointments AS changed
    SET
        state = :to_state,
        confirmed_at = CASE
            WHEN :kind = 'confirmed' THEN :now
            ELSE changed.confirmed_at
        END,
        arrived_at = CASE
            WHEN :kind = 'arrived' THEN :now
            ELSE changed.arrived_at
        END,
        seated_at = CASE
            WHEN :kind = 'seated' THEN :now
            ELSE changed.seated_at
        END,
        completed_at = CASE
            WHEN :kind = 'completed' THEN :now
            WHEN :kind = 'entered_in_error' THEN changed.completed_at
        END,
        no_show_at = CASE
            WHEN :kind = 'no_show' THEN :now
            WHEN :kind = 'entered_in_error' THEN changed.no_show_at
        END,
        cancelled_at = CASE
            WHEN :kind = 'cancelled' THEN :now
            ELSE changed.cancelled_at
        END,
        cancelled_by = CASE
            WHEN :kind = 'cancelled' THEN :cancelled_by
            ELSE changed.cancelled_by
        END,
        cancel_reason = CASE
            WHEN :kind = 'cancelled' THEN :reason
            ELSE changed.cancel_reason
        END,
        cancelled_late = CASE
            WHEN :kind = 'cancelled'
                THEN changed.starts_at
                    - make_interval(mins => :cancel_cutoff_minutes::integer) < :now
            ELSE changed.cancelled_late
        END,
        row_version = changed.row_version + 1,
        updated_at = :now
    FROM before
    WHERE changed.clinic_id = :clinic_id
        AND changed.id = before.id
    RETURNING
        changed.id,
        changed.patient_id,
        changed.practitioner_id,
        changed.visit_type_id,
        changed.local_start,
        changed.time_zone,
        changed.duration_minutes,
        changed.starts_at,
        changed.ends_at,
        changed.buffer_before_minutes,
        changed.buffer_after_minutes,
        changed.lane,
        changed.overbook_reason,
        changed.reason,
        changed.state,
        changed.confirmed_at,
        changed.arrived_at,
        changed.seated_at,
        changed.completed_at,
        changed.no_show_at,
        changed.cancelled_at,
        changed.cancelled_by,
        changed.cancel_reason,
        changed.cancelled_late,
        changed.external_id,
        changed.series_id,
        changed.series_ordinal,
        changed.series_exception,
        changed.row_version,
        changed.created_at,
        before.state AS old_state,
        before.confirmed_at AS old_confirmed_at,
        before.arrived_at AS old_arrived_at,
        before.seated_at AS old_seated_at,
        before.completed_at AS old_completed_at,
        before.no_show_at AS old_no_show_at
),
event AS (
    INSERT INTO clinicd.appointment_events
        (clinic_id, appointment_id, row_version, kind, state, practitioner_id, local_start,
         time_zone, duration_minutes, reason, occurred_at, caused_by)
    SELECT
        :clinic_id,
        appointment.id,
        appointment.row_version,
        :kind,
        appointment.state,
        appointment.practitioner_id,
        appointment.local_start,
        appointment.time_zone,
        appointment.duration_minutes,
        :reason,
        :now,
        :changed_by
    FROM appointment
),
freed AS (
    UPDATE clinicd.occupancies AS part
    SET active = :occupies
    FROM appointment
    WHERE part.clinic_id = :clinic_id
        AND part.holder_id = appointment.id
        AND part.active <> :occupies
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
    (
        SELECT
            string_agg(
                concat_ws(' ', COALESCE(resource.kind, 'practitioner'), part.occupant_id,
                    part.offset_minutes, part.duration_minutes),
                ',' ORDER BY part.position)
        FROM clinicd.occupancies AS part
        LEFT JOIN clinicd.resources AS resource
            ON resource.clinic_id = :clinic_id
            AND resource.id = part.resource_id
        WHERE part.clinic_id = :clinic_id
            AND part.holder_id = appointment.id
            AND part.patient_id IS NULL
    ) AS allocations,
    appointment.old_state,
    appointment.old_confirmed_at,
    appointment.old_arrived_at,
    appointment.old_seated_at,
    appointment.old_completed_at,
    appointment.old_no_show_at
FROM appointment
JOIN clinicd.patients AS patient
    ON patient.clinic_id = :clinic_id
    AND patient.id = appointment.patient_id
