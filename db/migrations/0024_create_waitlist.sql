-- db/migrations/0024_create_waitlist.sql
-- Purpose:   the waiting list: who waits for a time, and which times they were offered.
-- Locks:     new tables; SHARE ROW EXCLUSIVE on patients, visit_types, practitioners, locations and
--            appointments for a moment (foreign keys); ACCESS EXCLUSIVE on holds for a moment (a
--            column with a constant default).
-- Data:      none.
-- Roll back: never in place; a later migration drops the tables and the column.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

ALTER TABLE clinicd.holds ADD COLUMN for_waitlist boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN clinicd.holds.for_waitlist IS
    'The time is offered to people on the waiting list. Only accepting such an offer books it, and '
    'only the end of the last one frees it.';
COMMENT ON COLUMN clinicd.holds.membership_id IS
    'The member who alone may book it or, for the waiting list, who offered it first.';
-- A hold lasts as long as the last of its offers.
GRANT UPDATE (expires_at) ON clinicd.holds TO clinicd_app;

CREATE TABLE clinicd.waitlist_entries (
    clinic_id            uuid        NOT NULL,
    id                   uuid        NOT NULL,
    patient_id           uuid        NOT NULL,
    visit_type_id        uuid,
    duration_minutes     integer,
    practitioner_id      uuid,
    location_id          uuid,
    main_site            boolean     NOT NULL DEFAULT false,
    urgency              text        NOT NULL,
    urgency_rank         smallint    NOT NULL
        GENERATED ALWAYS AS (CASE urgency WHEN 'urgent' THEN 1 WHEN 'soon' THEN 2 ELSE 3 END)
        STORED,
    short_notice_minutes integer,
    earliest_on          date,
    latest_on            date,
    windows              text        NOT NULL DEFAULT '',
    note                 text        NOT NULL DEFAULT '',
    state                text        NOT NULL DEFAULT 'waiting',
    appointment_id       uuid,
    row_version          bigint      NOT NULL DEFAULT 1,
    created_at           timestamptz NOT NULL DEFAULT now(),
    created_by           uuid,

    CONSTRAINT waitlist_entries_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT waitlist_entries_patient_fk FOREIGN KEY (clinic_id, patient_id)
        REFERENCES clinicd.patients (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT waitlist_entries_visit_type_fk FOREIGN KEY (clinic_id, visit_type_id)
        REFERENCES clinicd.visit_types (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT waitlist_entries_practitioner_fk FOREIGN KEY (clinic_id, practitioner_id)
        REFERENCES clinicd.practitioners (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT waitlist_entries_location_fk FOREIGN KEY (clinic_id, location_id)
        REFERENCES clinicd.locations (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT waitlist_entries_appointment_fk FOREIGN KEY (clinic_id, appointment_id)
        REFERENCES clinicd.appointments (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT waitlist_entries_duration_minutes_ck CHECK (duration_minutes BETWEEN 1 AND 1440),
    CONSTRAINT waitlist_entries_need_ck CHECK (num_nonnulls(visit_type_id, duration_minutes) = 1),
    CONSTRAINT waitlist_entries_main_site_ck CHECK (NOT main_site OR location_id IS NULL),
    CONSTRAINT waitlist_entries_urgency_ck CHECK (urgency IN ('routine', 'soon', 'urgent')),
    CONSTRAINT waitlist_entries_short_notice_minutes_ck CHECK (
        short_notice_minutes BETWEEN 1 AND 1440),
    CONSTRAINT waitlist_entries_latest_on_ck CHECK (latest_on >= earliest_on),
    CONSTRAINT waitlist_entries_windows_ck CHECK (
        char_length(windows) <= 2000
        AND windows ~ '^([1-7]+ [0-9]+ [0-9]+(,[1-7]+ [0-9]+ [0-9]+)*)?$'),
    CONSTRAINT waitlist_entries_note_ck CHECK (char_length(note) <= 500),
    CONSTRAINT waitlist_entries_state_ck CHECK (state IN ('waiting', 'booked', 'withdrawn')),
    CONSTRAINT waitlist_entries_appointment_ck CHECK (
        (appointment_id IS NOT NULL) = (state = 'booked')),
    CONSTRAINT waitlist_entries_row_version_ck CHECK (row_version >= 1)
);

COMMENT ON TABLE clinicd.waitlist_entries IS
    'Patients who want to come when a time is free that fits them. PHI.';
COMMENT ON COLUMN clinicd.waitlist_entries.visit_type_id IS
    'What the visit is; NULL: duration_minutes with a practitioner.';
COMMENT ON COLUMN clinicd.waitlist_entries.duration_minutes IS
    'How long the visit takes; NULL: as long as its type.';
COMMENT ON COLUMN clinicd.waitlist_entries.practitioner_id IS 'With whom only; NULL: with any.';
COMMENT ON COLUMN clinicd.waitlist_entries.location_id IS
    'Where only; NULL: at the main site only if main_site says so, else anywhere.';
COMMENT ON COLUMN clinicd.waitlist_entries.urgency_rank IS 'The order in which people are asked.';
COMMENT ON COLUMN clinicd.waitlist_entries.short_notice_minutes IS
    'The patient can come this soon after a call; NULL: is not on the short-call list.';
COMMENT ON COLUMN clinicd.waitlist_entries.earliest_on IS 'The first day; NULL: any.';
COMMENT ON COLUMN clinicd.waitlist_entries.latest_on IS
    'The last day, after which a waiting entry has expired; NULL: it never does.';
COMMENT ON COLUMN clinicd.waitlist_entries.windows IS
    'When the patient can come, each as "WEEKDAYS FROM TO", separated by commas: digits of ISO 8601 '
    'weekdays, and minutes after midnight on the clock of the site. Empty: always.';
COMMENT ON COLUMN clinicd.waitlist_entries.appointment_id IS
    'What was booked; NULL: nothing was.';
COMMENT ON COLUMN clinicd.waitlist_entries.created_at IS 'Since when the patient waits.';
COMMENT ON COLUMN clinicd.waitlist_entries.created_by IS
    'The membership that added the row; NULL: the operator did.';

-- Serves lists of one state and the search for people who fit, both in the order of asking.
CREATE INDEX waitlist_entries_by_order_ix
    ON clinicd.waitlist_entries (clinic_id, state, urgency_rank, created_at, id);

CREATE TABLE clinicd.waitlist_offers (
    clinic_id             uuid        NOT NULL,
    id                    uuid        NOT NULL,
    entry_id              uuid        NOT NULL,
    hold_id               uuid        NOT NULL,
    practitioner_id       uuid        NOT NULL,
    local_start           timestamp   NOT NULL,
    time_zone             text        NOT NULL,
    duration_minutes      integer     NOT NULL,
    starts_at             timestamptz NOT NULL,
    ends_at               timestamptz NOT NULL,
    buffer_before_minutes integer     NOT NULL DEFAULT 0,
    buffer_after_minutes  integer     NOT NULL DEFAULT 0,
    allocations           text        NOT NULL,
    expires_at            timestamptz NOT NULL,
    state                 text        NOT NULL DEFAULT 'open',
    appointment_id        uuid,
    created_at            timestamptz NOT NULL DEFAULT now(),
    created_by            uuid,
    closed_at             timestamptz,
    closed_by             uuid,

    CONSTRAINT waitlist_offers_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT waitlist_offers_entry_fk FOREIGN KEY (clinic_id, entry_id)
        REFERENCES clinicd.waitlist_entries (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT waitlist_offers_practitioner_fk FOREIGN KEY (clinic_id, practitioner_id)
        REFERENCES clinicd.practitioners (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT waitlist_offers_appointment_fk FOREIGN KEY (clinic_id, appointment_id)
        REFERENCES clinicd.appointments (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT waitlist_offers_time_zone_ck CHECK (char_length(time_zone) BETWEEN 1 AND 64),
    CONSTRAINT waitlist_offers_duration_minutes_ck CHECK (duration_minutes BETWEEN 1 AND 1440),
    CONSTRAINT waitlist_offers_ends_at_ck CHECK (
        ends_at - starts_at = make_interval(mins => duration_minutes)),
    CONSTRAINT waitlist_offers_buffer_before_minutes_ck CHECK (
        buffer_before_minutes BETWEEN 0 AND 240),
    CONSTRAINT waitlist_offers_buffer_after_minutes_ck CHECK (
        buffer_after_minutes BETWEEN 0 AND 240),
    CONSTRAINT waitlist_offers_allocations_ck CHECK (char_length(allocations) BETWEEN 1 AND 1200),
    CONSTRAINT waitlist_offers_expires_at_ck CHECK (
        expires_at > created_at AND expires_at <= starts_at),
    CONSTRAINT waitlist_offers_state_ck CHECK (
        state IN ('open', 'accepted', 'declined', 'expired', 'withdrawn', 'taken')),
    CONSTRAINT waitlist_offers_appointment_ck CHECK (
        (appointment_id IS NOT NULL) = (state = 'accepted')),
    CONSTRAINT waitlist_offers_closed_at_ck CHECK ((closed_at IS NULL) = (state = 'open'))
);

COMMENT ON TABLE clinicd.waitlist_offers IS
    'Times that were offered to people on the waiting list, and what became of that. PHI.';
COMMENT ON COLUMN clinicd.waitlist_offers.hold_id IS
    'The hold that keeps the time free, which all offers of that time share. It ends before them, so '
    'that this refers to no row.';
COMMENT ON COLUMN clinicd.waitlist_offers.allocations IS
    'Who and what the visit takes, each as "KIND ID OFFSET DURATION" in minutes, separated by '
    'commas.';
COMMENT ON COLUMN clinicd.waitlist_offers.state IS
    'Taken: somebody else accepted the time. An open offer that is past expires_at has expired, '
    'whether or not the state says so.';
COMMENT ON COLUMN clinicd.waitlist_offers.appointment_id IS
    'What acceptance booked; NULL: the offer was not accepted.';
COMMENT ON COLUMN clinicd.waitlist_offers.created_by IS
    'The membership that made the offer; NULL: the operator did.';
COMMENT ON COLUMN clinicd.waitlist_offers.closed_at IS 'When it stopped being open; NULL: it is.';
COMMENT ON COLUMN clinicd.waitlist_offers.closed_by IS
    'The membership that closed it; NULL: nobody has.';

-- The first acceptance of a time wins, and an entry is booked once.
CREATE UNIQUE INDEX waitlist_offers_by_accepted_hold_ix
    ON clinicd.waitlist_offers (clinic_id, hold_id) WHERE state = 'accepted';
CREATE UNIQUE INDEX waitlist_offers_by_accepted_entry_ix
    ON clinicd.waitlist_offers (clinic_id, entry_id) WHERE state = 'accepted';
-- Nobody is offered a time twice at once.
CREATE UNIQUE INDEX waitlist_offers_by_open_entry_and_hold_ix
    ON clinicd.waitlist_offers (clinic_id, entry_id, hold_id) WHERE state = 'open';
-- Serve what one entry was offered, and the offers that share a hold.
CREATE INDEX waitlist_offers_by_entry_ix
    ON clinicd.waitlist_offers (clinic_id, entry_id, starts_at);
CREATE INDEX waitlist_offers_by_hold_ix ON clinicd.waitlist_offers (clinic_id, hold_id);
-- Serves the search for offers of the same time.
CREATE INDEX waitlist_offers_by_start_ix
    ON clinicd.waitlist_offers (clinic_id, starts_at, practitioner_id);

ALTER TABLE clinicd.waitlist_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.waitlist_entries FORCE ROW LEVEL SECURITY;
CREATE POLICY waitlist_entries_clinic_isolation ON clinicd.waitlist_entries
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY waitlist_entries_clinic_isolation_restrictive ON clinicd.waitlist_entries
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

ALTER TABLE clinicd.waitlist_offers ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.waitlist_offers FORCE ROW LEVEL SECURITY;
CREATE POLICY waitlist_offers_clinic_isolation ON clinicd.waitlist_offers
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY waitlist_offers_clinic_isolation_restrictive ON clinicd.waitlist_offers
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

GRANT SELECT, INSERT ON clinicd.waitlist_entries TO clinicd_app;
GRANT UPDATE (visit_type_id, duration_minutes, practitioner_id, location_id, main_site, urgency,
        short_notice_minutes, earliest_on, latest_on, windows, note, state, appointment_id,
        row_version)
    ON clinicd.waitlist_entries TO clinicd_app;
GRANT SELECT, INSERT ON clinicd.waitlist_offers TO clinicd_app;
GRANT UPDATE (state, appointment_id, closed_at, closed_by) ON clinicd.waitlist_offers TO clinicd_app;

RESET ROLE;
