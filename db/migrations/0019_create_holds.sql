-- db/migrations/0019_create_holds.sql
-- Purpose:   holds: times kept free for a few minutes while somebody makes up their mind.
-- Locks:     new table; SHARE ROW EXCLUSIVE on memberships and practitioners for a moment (foreign
--            keys).
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.holds (
    clinic_id        uuid        NOT NULL,
    id               uuid        NOT NULL,
    membership_id    uuid        NOT NULL,
    practitioner_id  uuid        NOT NULL,
    local_start      timestamp   NOT NULL,
    time_zone        text        NOT NULL,
    duration_minutes integer     NOT NULL,
    starts_at        timestamptz NOT NULL,
    ends_at          timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT holds_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT holds_membership_fk FOREIGN KEY (clinic_id, membership_id)
        REFERENCES clinicd.memberships (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT holds_practitioner_fk FOREIGN KEY (clinic_id, practitioner_id)
        REFERENCES clinicd.practitioners (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT holds_time_zone_ck CHECK (char_length(time_zone) BETWEEN 1 AND 64),
    CONSTRAINT holds_duration_minutes_ck CHECK (duration_minutes BETWEEN 1 AND 1440),
    CONSTRAINT holds_ends_at_ck CHECK (
        ends_at - starts_at = make_interval(mins => duration_minutes)),
    CONSTRAINT holds_expires_at_ck CHECK (expires_at > created_at)
);

COMMENT ON TABLE clinicd.holds IS
    'Times that a member keeps free until they expire, are released or booked. No PHI.';
COMMENT ON COLUMN clinicd.holds.membership_id IS 'The member who alone may book it.';

-- Serves the clean-up of what has expired.
CREATE INDEX holds_by_expiry_ix ON clinicd.holds (clinic_id, expires_at);
-- Serves the clinic's day.
CREATE INDEX holds_by_start_ix ON clinicd.holds (clinic_id, starts_at, id);

ALTER TABLE clinicd.holds ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.holds FORCE ROW LEVEL SECURITY;
CREATE POLICY holds_clinic_isolation ON clinicd.holds
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY holds_clinic_isolation_restrictive ON clinicd.holds
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

GRANT SELECT, INSERT, DELETE ON clinicd.holds TO clinicd_app;

RESET ROLE;
