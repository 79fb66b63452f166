-- tests/bench/peers/remove.sql
-- Purpose: takes away what prepare.sql added, and gives the policies back their roles.
-- Repeat:  any number of times.

DROP SCHEMA IF EXISTS bench_api, bench_private CASCADE;

DO $remove$
DECLARE
    policy record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bench_web') THEN
        RETURN;
    END IF;
    FOR policy IN
        SELECT tablename AS name FROM pg_policies
        WHERE schemaname = 'clinicd' AND policyname = 'bench_web'
    LOOP
        EXECUTE format('DROP POLICY bench_web ON clinicd.%I', policy.name);
        IF policy.name NOT IN ('audit_events', 'changes') THEN
            EXECUTE format('ALTER POLICY %I ON clinicd.%I TO PUBLIC',
                policy.name || '_clinic_isolation_restrictive', policy.name);
        END IF;
    END LOOP;
    DROP OWNED BY bench_web, bench_authenticator;
    DROP ROLE bench_web, bench_authenticator;
END
$remove$;
