-- db/migrations/0033_create_isolation_certificates.sql
-- Purpose:   what came of trying to get from one clinic into another, for each clinic's owner; and
--            clinics of the server's own to try it on.
-- Locks:     new table; ACCESS EXCLUSIVE on clinics while its rows are checked against a wider list.
-- Data:      none. The canary clinics are made by the first probe.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

-- A clinic in state canary is nobody's: whatever asks for active clinics does not find it, nobody
-- signs in there, and no role of the server may change the state of any clinic.
ALTER TABLE clinicd.clinics
    DROP CONSTRAINT clinics_state_ck,
    ADD CONSTRAINT clinics_state_ck CHECK (state IN ('active', 'suspended', 'canary'));

CREATE TABLE clinicd.isolation_certificates (
    clinic_id         uuid        NOT NULL,
    id                uuid        NOT NULL,
    probed_on         date        NOT NULL,
    started_at        timestamptz NOT NULL,
    ended_at          timestamptz NOT NULL,
    release           text        NOT NULL,
    node              text        NOT NULL,
    schema_version    integer     NOT NULL,
    table_count       integer     NOT NULL,
    empty_table_count integer     NOT NULL,
    method_count      integer     NOT NULL,
    call_count        integer     NOT NULL,
    finding_count     integer     NOT NULL,
    findings          text[]      NOT NULL,
    catalog_digest    bytea       NOT NULL,
    digest            bytea       NOT NULL,
    created_at        timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT isolation_certificates_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT isolation_certificates_clinic_fk FOREIGN KEY (clinic_id)
        REFERENCES clinicd.clinics (id) ON DELETE RESTRICT,
    -- The same result twice on one day is one certificate; another result is another.
    CONSTRAINT isolation_certificates_digest_uq UNIQUE (clinic_id, probed_on, digest),
    CONSTRAINT isolation_certificates_ended_at_ck CHECK (ended_at >= started_at),
    CONSTRAINT isolation_certificates_release_ck CHECK (char_length(release) BETWEEN 1 AND 100),
    CONSTRAINT isolation_certificates_node_ck CHECK (char_length(node) <= 255),
    CONSTRAINT isolation_certificates_schema_version_ck CHECK (schema_version >= 1),
    CONSTRAINT isolation_certificates_table_count_ck CHECK (
        table_count >= 0 AND empty_table_count BETWEEN 0 AND table_count),
    CONSTRAINT isolation_certificates_method_count_ck CHECK (method_count >= 0),
    CONSTRAINT isolation_certificates_call_count_ck CHECK (call_count >= 0),
    CONSTRAINT isolation_certificates_finding_count_ck CHECK (
        finding_count >= cardinality(findings) AND cardinality(findings) <= 100),
    CONSTRAINT isolation_certificates_catalog_digest_ck CHECK (octet_length(catalog_digest) = 32),
    CONSTRAINT isolation_certificates_digest_ck CHECK (octet_length(digest) = 32)
);

COMMENT ON TABLE clinicd.isolation_certificates IS
    'What came of trying to get from one clinic into another. No PHI.';
COMMENT ON COLUMN clinicd.isolation_certificates.probed_on IS 'In UTC.';
COMMENT ON COLUMN clinicd.isolation_certificates.empty_table_count IS
    'Of table_count: those in which neither canary had a row.';
COMMENT ON COLUMN clinicd.isolation_certificates.findings IS
    'The first of them: what, a space, and where. None is about anybody.';
COMMENT ON COLUMN clinicd.isolation_certificates.catalog_digest IS
    'SHA-256 of the policies and grants that the probe met.';
COMMENT ON COLUMN clinicd.isolation_certificates.digest IS
    'SHA-256 of what the row says, without its ids and times.';

-- Serves the list, newest first.
CREATE INDEX isolation_certificates_by_day_ix
    ON clinicd.isolation_certificates (clinic_id, probed_on, id);

ALTER TABLE clinicd.isolation_certificates ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.isolation_certificates FORCE ROW LEVEL SECURITY;
CREATE POLICY isolation_certificates_clinic_isolation ON clinicd.isolation_certificates
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY isolation_certificates_clinic_isolation_restrictive ON clinicd.isolation_certificates
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

GRANT SELECT, INSERT ON clinicd.isolation_certificates TO clinicd_app;

RESET ROLE;
