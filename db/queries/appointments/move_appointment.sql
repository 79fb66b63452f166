-- @returns optional
-- @params id, row_version, practitioner_id, visit_type_id, local_start, time_zone, duration_minutes, starts_at, ends_at, lane, state, reason, part_allocations, changed_by, now
-- No row: absent, or of another version. Its occupancies are to be replaced in the same transaction.
WITH appointment AS (
    UPDATE clinicd.appointments AS moved
    SET
        practitioner_id = :practitioner_id,
        visit_type_id = :visit_type_id,
        local_start = :local_start,
        time_zone = :time_zone,
        duration_minutes = :duration_minutes,
        starts_at = :starts_at,
        ends_at = :ends_at,
        lane = :lane,
        state = :state,
        confirmed_at = CASE
            WHEN :state = 'booked' THEN NULL
            ELSE moved.confirmed_at
        END,
        series_exception = moved.series_id IS NOT NULL,
        row_version = moved.row_version + 1,
        updated_at = :now
    WHERE moved.clinic_id = :clinic_id
        AND moved.id = :id
        AND moved.row_version = :row_version
    RETURNING
        moved.id,
        moved.patient_id,
        moved.practitioner_id,
        moved.visit_type_id,
        moved.local_start,
        moved.time_zone,
        moved.duration_minutes,
        moved.starts_at,
        moved.ends_at,
        moved.buffer_before_minutes,
        moved.buffer_after_minutes,
        moved.lane,
        moved.overbook_reason,
        moved.reason,
        moved.state,
        moved.confirmed_at,
        moved.arrived_at,
        moved.seated_at,
        moved.completed_at,
        moved.no_show_at,
        moved.cancelled_at,
        moved.cancelled_by,
        moved.cancel_reason,
        moved.cancelled_late,
        moved.external_id,
        moved.series_id,
        moved.series_ordinal,
        moved.series_exception,
        moved.row_version,
        moved.created_at
),
event AS (
    INSERT INTO clinicd.appointment_events
        (clinic_id, appointment_id, row_version, kind, state, practitioner_id, local_start,
         time_zone, duration_minutes, reason, occurred_at, caused_by)
    SELECT
        :clinic_id,
        appointment.id,
        appointment.row_version,
        'rescheduled',
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
    DELETE FROM clinicd.occupancies AS part
    USING appointment
    WHERE part.clinic_id = :clinic_id
        AND part.holder_id = appointment.id
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
    :part_allocations::text AS allocations
FROM appointment
JOIN clinicd.patients AS patient
    ON patient.clinic_id = :clinic_id
    AND patient.id = appointment.patient_id
