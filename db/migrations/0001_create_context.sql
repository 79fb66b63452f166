-- db/migrations/0001_create_context.sql
-- Purpose:   the clinic of a transaction, who may use the schema, and the guard of append-only
--            tables.
-- Locks:     none on existing tables.
-- Data:      none.
-- Roll back: never in place; a later migration drops the functions.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

-- What the owner makes from now on is nobody's to call until it is granted.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

GRANT USAGE ON SCHEMA clinicd TO clinicd_app, clinicd_auth, clinicd_jobs, clinicd_sealer;

-- A setting that was never set reads as NULL, one whose transaction has ended as ''. Both mean no
-- clinic, and no clinic means no rows.
CREATE FUNCTION clinicd.current_clinic_id()
    RETURNS uuid
    LANGUAGE sql
    STABLE
    PARALLEL SAFE
    RETURN NULLIF(current_setting('clinicd.clinic_id', true), '')::uuid;

COMMENT ON FUNCTION clinicd.current_clinic_id() IS
    'The clinic that this transaction works for; NULL when none was set.';

GRANT EXECUTE ON FUNCTION clinicd.current_clinic_id()
    TO clinicd_app, clinicd_auth, clinicd_jobs, clinicd_sealer;

-- For triggers on tables that only ever grow.
CREATE FUNCTION clinicd.refuse_change()
    RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RAISE EXCEPTION '% on append-only table %.%', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege',
            SCHEMA = TG_TABLE_SCHEMA,
            TABLE = TG_TABLE_NAME,
            CONSTRAINT = TG_NAME;
END
$function$;

COMMENT ON FUNCTION clinicd.refuse_change() IS
    'Statement trigger of append-only tables: ends every UPDATE, DELETE and TRUNCATE with 42501.';

RESET ROLE;
