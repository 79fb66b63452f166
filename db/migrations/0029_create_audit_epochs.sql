-- db/migrations/0029_create_audit_epochs.sql
-- Purpose:   what an operator acknowledged after a restore that lost sealed events.
-- Locks:     a new table only.
-- Data:      none; a log without rows is in epoch 0.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.audit_epochs (
    epoch           integer     NOT NULL,
    note            text        NOT NULL,
    acknowledged_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT audit_epochs_pk PRIMARY KEY (epoch),
    CONSTRAINT audit_epochs_epoch_ck CHECK (epoch >= 1),
    CONSTRAINT audit_epochs_note_ck CHECK (char_length(note) BETWEEN 1 AND 8000)
);
COMMENT ON TABLE clinicd.audit_epochs IS
    'Each time that the log of audit events went on although it had lost what it had signed: from '
    'then on it has another name. No PHI.';
COMMENT ON COLUMN clinicd.audit_epochs.note IS
    'Signed with the keys of the log: what was lost, what was kept, and why.';

CREATE TRIGGER audit_epochs_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON clinicd.audit_epochs
    FOR EACH STATEMENT EXECUTE FUNCTION clinicd.refuse_change();

ALTER TABLE clinicd.audit_epochs ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.audit_epochs FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_epochs_reading ON clinicd.audit_epochs
    FOR SELECT TO clinicd_app
    USING (true);
CREATE POLICY audit_epochs_sealing ON clinicd.audit_epochs
    FOR ALL TO clinicd_sealer
    USING (true)
    WITH CHECK (true);
GRANT SELECT ON clinicd.audit_epochs TO clinicd_app;
GRANT SELECT, INSERT ON clinicd.audit_epochs TO clinicd_sealer;

RESET ROLE;
