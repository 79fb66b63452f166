-- What must hold for every table, function and role of a migrated database. Each row returned is a
-- finding: the rule that is broken and the object that breaks it. None may be returned.
--
-- Run as superuser, by catalog_test.cc or by hand:
--     psql -X -f tests/contract/catalog_lint.sql -d DATABASE
-- A rule is never weakened for one object: the object is accepted below, by the exact text that
-- the rule reports, with the reason. One that is no longer reported is itself a finding.
WITH RECURSIVE accepted (rule, object, reason) AS (
    VALUES
    ('clinic_id_missing', 'users', 'a person may work for several clinics'),
    ('clinic_id_missing', 'audit_meta_leaves', 'hashes, of which nobody can tell anything'),
    ('clinic_id_missing', 'audit_meta_tiles', 'hashes, of which nobody can tell anything'),
    ('clinic_id_missing', 'audit_checkpoints', 'signed hashes, for everybody to keep'),
    ('clinic_id_missing', 'audit_cosignatures', 'signatures of such hashes'),
    ('clinic_id_missing', 'audit_sealer', 'where the sealer goes on'),
    ('clinic_id_missing', 'audit_epochs', 'names of the one log of all clinics'),
    ('policy_missing', 'audit_epochs_clinic_isolation', 'has no clinic'),
    ('policy_missing', 'audit_epochs_clinic_isolation_restrictive', 'has no clinic'),
    ('policy_missing', 'audit_meta_leaves_clinic_isolation', 'has no clinic'),
    ('policy_missing', 'audit_meta_leaves_clinic_isolation_restrictive', 'has no clinic'),
    ('policy_missing', 'audit_meta_tiles_clinic_isolation', 'has no clinic'),
    ('policy_missing', 'audit_meta_tiles_clinic_isolation_restrictive', 'has no clinic'),
    ('policy_missing', 'audit_checkpoints_clinic_isolation', 'has no clinic'),
    ('policy_missing', 'audit_checkpoints_clinic_isolation_restrictive', 'has no clinic'),
    ('policy_missing', 'audit_cosignatures_clinic_isolation', 'has no clinic'),
    ('policy_missing', 'audit_cosignatures_clinic_isolation_restrictive', 'has no clinic'),
    ('policy_missing', 'audit_sealer_clinic_isolation', 'has no clinic'),
    ('policy_missing', 'audit_sealer_clinic_isolation_restrictive', 'has no clinic'),
    ('unique_without_clinic', 'clinics_slug_uq', 'the slug tells clinics apart at sign-in'),
    ('exclusion_across_clinics', 'occupancies_person_occupied_ex',
        'a person who has linked several clinics is in one of them at a time'),
    ('unique_without_clinic', 'occupancies_person_occupied_ex', 'the same'),
    ('index_not_led_by_clinic', 'occupancies_person_occupied_ex', 'the same'),
    ('exclusion_across_clinics', 'occupancies_person_elsewhere_ex', 'the same'),
    ('index_not_led_by_clinic', 'occupancies_person_elsewhere_ex', 'the same'),
    ('no_path_to_clinics', 'occupancies', 'each row has an appointment or a hold, by its check'),
    ('index_not_led_by_clinic', 'authz_changes_by_time_ix', 'followed for all clinics at once'),
    ('index_not_led_by_clinic', 'changes_by_transaction_ix', 'followed for all clinics at once'),
    ('no_path_to_clinics', 'audit_events', 'written whatever it is about; outlives it'),
    ('index_not_led_by_clinic', 'audit_events_by_transaction_ix', 'sealed for all clinics at once'),
    ('no_path_to_clinics', 'audit_leaves', 'outlives the clinic'),
    ('no_path_to_clinics', 'audit_tiles', 'outlives the clinic'),
    ('no_path_to_clinics', 'audit_heads', 'outlives the clinic'),
    ('no_path_to_clinics', 'audit_trees', 'outlives the clinic'),
    ('unique_without_clinic', 'audit_heads_meta_index_uq', 'one tree over the heads of all clinics'),
    ('no_path_to_clinics', 'idempotency_keys', 'a lock less on every change; gone in days'),
    ('no_path_to_clinics', 'changes', 'a lock less on every change; gone in a day'),
    ('policy_missing', 'users_clinic_isolation', 'has no clinic; see its own pair'),
    ('policy_missing', 'users_clinic_isolation_restrictive', 'has no clinic; see its own pair'),
    ('policy_unknown', 'users_own_transaction: PERMISSIVE ALL TO clinicd_app'
        ' USING (created_at = transaction_timestamp())'
        ' CHECK (( SELECT current_clinic_id() AS current_clinic_id) IS NOT NULL)',
        'ON CONFLICT must see the row it makes; nothing else is ever visible'),
    ('policy_unknown', 'users_own_transaction_restrictive: RESTRICTIVE ALL TO PUBLIC'
        ' USING (created_at = transaction_timestamp())'
        ' CHECK (( SELECT current_clinic_id() AS current_clinic_id) IS NOT NULL)',
        'the second half of the pair'),
    ('policy_open', 'clinics_sign_in: PERMISSIVE SELECT TO clinicd_auth USING true',
        'signing in starts with the slug'),
    ('policy_open', 'clinics_enumeration: PERMISSIVE SELECT TO clinicd_jobs USING true',
        'jobs go through the clinics one by one'),
    ('policy_open', 'memberships_sign_in: PERMISSIVE SELECT TO clinicd_auth USING true',
        'signing in looks a person up before a clinic is set'),
    ('policy_open', 'authz_changes_following: PERMISSIVE SELECT TO clinicd_auth USING true',
        'each server follows the changes of all clinics'),
    ('policy_open', 'changes_following: PERMISSIVE SELECT TO clinicd_auth USING true',
        'each server follows the changes of all clinics'),
    ('policy_open', 'audit_events_sealing: PERMISSIVE SELECT TO clinicd_sealer USING true',
        'the sealer seals the events of all clinics'),
    ('policy_open', 'audit_leaves_sealing: PERMISSIVE ALL TO clinicd_sealer USING true CHECK true',
        'the sealer seals the events of all clinics'),
    ('policy_open', 'audit_tiles_sealing: PERMISSIVE ALL TO clinicd_sealer USING true CHECK true',
        'the sealer seals the events of all clinics'),
    ('policy_open', 'audit_heads_sealing: PERMISSIVE ALL TO clinicd_sealer USING true CHECK true',
        'the sealer seals the events of all clinics'),
    ('policy_open', 'audit_trees_sealing: PERMISSIVE ALL TO clinicd_sealer USING true CHECK true',
        'the sealer seals the events of all clinics'),
    ('policy_open', 'audit_meta_leaves_sealing: PERMISSIVE ALL TO clinicd_sealer USING true CHECK true',
        'the sealer seals the events of all clinics'),
    ('policy_open', 'audit_meta_tiles_sealing: PERMISSIVE ALL TO clinicd_sealer USING true CHECK true',
        'the sealer seals the events of all clinics'),
    ('policy_open', 'audit_checkpoints_sealing: PERMISSIVE ALL TO clinicd_sealer USING true CHECK true',
        'the sealer seals the events of all clinics'),
    ('policy_open', 'audit_cosignatures_sealing: PERMISSIVE ALL TO clinicd_sealer USING true CHECK true',
        'the sealer seals the events of all clinics'),
    ('policy_open', 'audit_sealer_sealing: PERMISSIVE ALL TO clinicd_sealer USING true CHECK true',
        'the sealer seals the events of all clinics'),
    ('policy_open', 'audit_epochs_sealing: PERMISSIVE ALL TO clinicd_sealer USING true CHECK true',
        'the sealer seals the events of all clinics'),
    ('policy_open', 'audit_epochs_reading: PERMISSIVE SELECT TO clinicd_app USING true',
        'names of the one log of all clinics'),
    ('policy_open', 'audit_meta_leaves_reading: PERMISSIVE SELECT TO clinicd_app USING true',
        'hashes, of which nobody can tell anything'),
    ('policy_open', 'audit_meta_tiles_reading: PERMISSIVE SELECT TO clinicd_app USING true',
        'hashes, of which nobody can tell anything'),
    ('policy_open', 'audit_checkpoints_reading: PERMISSIVE SELECT TO clinicd_app USING true',
        'signed hashes, for everybody to keep'),
    ('policy_open', 'audit_cosignatures_reading: PERMISSIVE SELECT TO clinicd_app USING true',
        'signatures of such hashes'),
    ('restriction_partial', 'audit_events TO clinicd_app, clinicd_auth, clinicd_jobs,'
        ' clinicd_owner', 'audit_events_sealing'),
    ('restriction_partial', 'audit_leaves TO clinicd_app, clinicd_auth, clinicd_jobs,'
        ' clinicd_owner', 'audit_leaves_sealing'),
    ('restriction_partial', 'audit_tiles TO clinicd_app, clinicd_auth, clinicd_jobs,'
        ' clinicd_owner', 'audit_tiles_sealing'),
    ('restriction_partial', 'audit_heads TO clinicd_app, clinicd_auth, clinicd_jobs,'
        ' clinicd_owner', 'audit_heads_sealing'),
    ('restriction_partial', 'audit_trees TO clinicd_app, clinicd_auth, clinicd_jobs,'
        ' clinicd_owner', 'audit_trees_sealing'),
    ('restriction_partial', 'clinics TO clinicd_app, clinicd_owner, clinicd_sealer',
        'clinics_sign_in and clinics_enumeration'),
    ('restriction_partial', 'memberships TO clinicd_app, clinicd_jobs, clinicd_owner,'
        ' clinicd_sealer', 'memberships_sign_in'),
    ('restriction_partial', 'authz_changes TO clinicd_app, clinicd_jobs, clinicd_owner,'
        ' clinicd_sealer', 'authz_changes_following'),
    ('restriction_partial', 'changes TO clinicd_app, clinicd_jobs, clinicd_owner, clinicd_sealer',
        'changes_following'),
    ('delete_granted', 'patient_tokens TO clinicd_app', 'derived from patients'),
    ('delete_granted', 'visit_type_segments TO clinicd_app',
        'configuration, replaced with its visit type; no clinical data'),
    ('delete_granted', 'working_hours TO clinicd_app',
        'configuration, replaced with all of its owner; no clinical data'),
    ('delete_granted', 'schedule_exceptions TO clinicd_app', 'configuration; no clinical data'),
    ('delete_granted', 'holds TO clinicd_app', 'only good for minutes, or days; no clinical data'),
    ('delete_granted', 'occupancies TO clinicd_app', 'derived from appointments and holds'),
    ('delete_granted', 'idempotency_keys TO clinicd_app', 'only good for a few days'),
    ('delete_granted', 'changes TO clinicd_app', 'only good for a day'),
    ('delete_granted', 'data_keys TO clinicd_app', 'what shredding is'),
    ('function_unknown', 'current_clinic_id()', 'the context of every policy'),
    ('function_unknown', 'refuse_change()', 'the guard of append-only tables'),
    ('function_unknown', 'first_uuid_at(instant timestamp with time zone)',
        'bounds of partitions by id'),
    ('function_unknown', 'create_audit_partitions(months_ahead integer)',
        'partitions are made by whoever seals, and belong to the owner'),
    ('function_unknown', 'drop_audit_partition(name text)',
        'months go only when nobody has to keep them, whoever asks'),
    ('policy_unknown', 'clinics_retention: PERMISSIVE SELECT TO clinicd_owner'
        ' USING (id = ( SELECT current_clinic_id() AS current_clinic_id))',
        'drop_audit_partition() asks one clinic after the other'),
    ('policy_unknown', 'audit_legal_holds_retention: PERMISSIVE SELECT TO clinicd_owner'
        ' USING (clinic_id = ( SELECT current_clinic_id() AS current_clinic_id))',
        'the same'),
    ('policy_unknown', 'audit_leaves_retention: PERMISSIVE SELECT TO clinicd_owner'
        ' USING (clinic_id = ( SELECT current_clinic_id() AS current_clinic_id))',
        'the same'),
    ('policy_unknown', 'audit_events_retention: PERMISSIVE INSERT TO clinicd_owner'
        ' CHECK ((clinic_id = ( SELECT current_clinic_id() AS current_clinic_id)) AND'
        ' ((category)::text = ''erasure''::text))',
        'that it dropped some'),
    ('trigger_unknown', 'audit_events_append_only', 'events are never changed'),
    ('trigger_unknown', 'audit_leaves_append_only', 'nor is the log'),
    ('trigger_unknown', 'audit_tiles_append_only', 'nor is the log'),
    ('trigger_unknown', 'audit_heads_append_only', 'nor is the log'),
    ('trigger_unknown', 'audit_meta_leaves_append_only', 'nor is the log'),
    ('trigger_unknown', 'audit_meta_tiles_append_only', 'nor is the log'),
    ('trigger_unknown', 'audit_checkpoints_append_only', 'nor is the log'),
    ('trigger_unknown', 'audit_epochs_append_only', 'nor is the log')
),
relations AS (
    SELECT c.oid, c.relname::text AS name, c.relkind, c.relowner, c.relacl, c.reloptions,
        c.relrowsecurity, c.relforcerowsecurity, c.relpersistence
    FROM pg_class AS c
    WHERE c.relnamespace = 'clinicd'::regnamespace
),
-- The bookkeeping of migrations is the runner's; only who may write it is looked at.
tables AS (
    SELECT r.*,
        (
            SELECT a.attnum
            FROM pg_attribute AS a
            WHERE a.attrelid = r.oid
                AND a.attname = CASE r.name WHEN 'clinics' THEN 'id' ELSE 'clinic_id' END
                AND NOT a.attisdropped
        ) AS clinic_column
    FROM relations AS r
    WHERE r.relkind IN ('r', 'p')
        AND r.name <> 'schema_migrations'
),
clinic_tables AS (
    SELECT * FROM tables WHERE clinic_column IS NOT NULL
),
columns AS (
    SELECT t.oid AS table_oid, t.name AS table_name, a.attnum, a.attname::text AS name,
        t.name || '.' || a.attname AS object, a.attnotnull,
        COALESCE(b.typname, y.typname)::text AS type, y.typtype,
        -- Of a domain, whose checks are as good as the table's.
        EXISTS (SELECT FROM pg_constraint AS k WHERE k.contypid = y.oid
            AND k.conname = y.typname || '_ck') AS type_checked,
        col_description(t.oid, a.attnum) AS comment,
        pg_get_expr(d.adbin, d.adrelid) AS default_value
    FROM tables AS t
    JOIN pg_attribute AS a
        ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type AS y
        ON y.oid = a.atttypid
    LEFT JOIN pg_type AS b
        ON b.oid = y.typbasetype
    LEFT JOIN pg_attrdef AS d
        ON d.adrelid = t.oid AND d.adnum = a.attnum AND a.attgenerated = ''
),
constraints AS (
    SELECT c.*, t.name AS table_name, t.clinic_column
    FROM pg_constraint AS c
    JOIN tables AS t
        ON t.oid = c.conrelid
),
indexes AS (
    SELECT i.*, ic.relname::text AS name, am.amname, t.name AS table_name, t.clinic_column,
        (string_to_array(i.indkey::text, ' ')::smallint[])[1:i.indnkeyatts] AS key_columns
    FROM pg_index AS i
    JOIN tables AS t
        ON t.oid = i.indrelid
    JOIN pg_class AS ic
        ON ic.oid = i.indexrelid
    JOIN pg_am AS am
        ON am.oid = ic.relam
),
-- Tables whose rows cannot exist without their clinic.
rooted AS (
    SELECT oid FROM tables WHERE name = 'clinics'
    UNION
    SELECT f.conrelid
    FROM rooted AS r
    JOIN constraints AS f
        ON f.contype = 'f' AND f.confrelid = r.oid
    WHERE NOT EXISTS (
        SELECT FROM columns AS c
        WHERE c.table_oid = f.conrelid AND c.attnum = ANY (f.conkey) AND NOT c.attnotnull)
),
policies AS (
    SELECT p.polrelid, p.polname::text AS name, t.name AS table_name, p.polpermissive,
        CASE WHEN p.polroles = '{0}' THEN 'PUBLIC' ELSE (
            SELECT string_agg(r.rolname, ', ' ORDER BY r.rolname)
            FROM pg_roles AS r
            WHERE r.oid = ANY (p.polroles)) END AS roles,
        CASE p.polcmd WHEN '*' THEN 'ALL' WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT'
            WHEN 'w' THEN 'UPDATE' ELSE 'DELETE' END AS command,
        replace(pg_get_expr(p.polqual, p.polrelid), 'clinicd.', '') AS using_text,
        replace(pg_get_expr(p.polwithcheck, p.polrelid), 'clinicd.', '') AS check_text,
        format('(%s = ( SELECT current_clinic_id() AS current_clinic_id))',
            CASE t.name WHEN 'clinics' THEN 'id' ELSE 'clinic_id' END) AS isolation_text
    FROM pg_policy AS p
    JOIN tables AS t
        ON t.oid = p.polrelid
),
judged_policies AS (
    SELECT p.*,
        p.command = 'ALL' AND p.using_text = p.isolation_text AND p.check_text = p.isolation_text
            AND CASE WHEN p.polpermissive
                THEN p.name = p.table_name || '_clinic_isolation' AND p.roles = 'clinicd_app'
                ELSE p.name = p.table_name || '_clinic_isolation_restrictive' END AS isolates,
        format('%s: %s %s TO %s', p.name,
            CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
            p.command, p.roles)
            || coalesce(' USING ' || p.using_text, '')
            || coalesce(' CHECK ' || p.check_text, '') AS object
    FROM policies AS p
),
grants AS (
    SELECT r.name AS table_name, NULL::smallint AS attnum, r.name AS object,
        coalesce(g.rolname, 'PUBLIC') AS grantee, a.privilege_type AS privilege, a.is_grantable
    FROM relations AS r
    CROSS JOIN aclexplode(r.relacl) AS a
    LEFT JOIN pg_roles AS g
        ON g.oid = a.grantee
    WHERE a.grantee <> r.relowner
    UNION ALL
    SELECT r.name, c.attnum, r.name || '.' || c.attname, coalesce(g.rolname, 'PUBLIC'),
        a.privilege_type, a.is_grantable
    FROM relations AS r
    JOIN pg_attribute AS c
        ON c.attrelid = r.oid
    CROSS JOIN aclexplode(c.attacl) AS a
    LEFT JOIN pg_roles AS g
        ON g.oid = a.grantee
    WHERE a.grantee <> r.relowner
),
functions AS (
    SELECT p.*, format('%s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) AS object
    FROM pg_proc AS p
    WHERE p.pronamespace = 'clinicd'::regnamespace
),
server_roles AS (
    SELECT r.*
    FROM pg_roles AS r
    WHERE r.rolname IN (
        'clinicd_app', 'clinicd_auth', 'clinicd_jobs', 'clinicd_sealer', 'clinicd_migrator')
),
findings (rule, object) AS (
    -- The clinic is part of every row and every key.
    SELECT 'clinic_id_missing', name FROM tables WHERE clinic_column IS NULL
    UNION ALL
    SELECT 'clinic_id_not_first', object
    FROM columns
    WHERE name = 'clinic_id' AND (attnum <> 1 OR NOT attnotnull OR type <> 'uuid')
    UNION ALL
    SELECT 'primary_key_without_clinic', t.name
    FROM clinic_tables AS t
    WHERE NOT EXISTS (
        SELECT FROM constraints AS c
        WHERE c.conrelid = t.oid AND c.contype = 'p' AND c.conkey[1] = t.clinic_column)
    UNION ALL
    SELECT 'unique_without_clinic', name
    FROM indexes
    WHERE (indisunique OR indisexclusion) AND NOT indisprimary
        AND NOT clinic_column = ANY (key_columns)
    UNION ALL
    SELECT 'exclusion_across_clinics', c.conname
    FROM constraints AS c
    WHERE c.contype = 'x' AND NOT EXISTS (
        SELECT FROM unnest(c.conkey, c.conexclop) AS e (attnum, operator)
        JOIN pg_operator AS o
            ON o.oid = e.operator
        WHERE e.attnum = c.clinic_column AND o.oprname = '=')
    UNION ALL
    SELECT 'index_not_led_by_clinic', name
    FROM indexes
    WHERE NOT indisunique AND amname <> 'brin' AND clinic_column <> indkey[0]
    UNION ALL
    SELECT 'foreign_key_without_clinic', f.conname
    FROM constraints AS f
    JOIN clinic_tables AS target
        ON target.oid = f.confrelid
    WHERE f.contype = 'f' AND NOT EXISTS (
        SELECT FROM unnest(f.conkey, f.confkey) AS pair (ours, theirs)
        WHERE pair.ours = f.clinic_column AND pair.theirs = target.clinic_column)
    UNION ALL
    SELECT 'no_path_to_clinics', t.name
    FROM clinic_tables AS t
    WHERE t.oid NOT IN (SELECT oid FROM rooted)

    -- No statement may read a GiST index (migration 0037): of its predicate nothing is implied.
    UNION ALL
    SELECT 'gist_index_readable', relation.relname
    FROM pg_index AS i
    JOIN pg_class AS relation
        ON relation.oid = i.indexrelid
    JOIN pg_am AS method
        ON method.oid = relation.relam
    WHERE relation.relnamespace = 'clinicd'::regnamespace
        AND method.amname = 'gist'
        AND COALESCE(pg_get_expr(i.indpred, i.indrelid), '') NOT LIKE 'COALESCE(%'

    -- Row-level security, twice over.
    UNION ALL
    SELECT 'row_security_off', name FROM tables WHERE NOT relrowsecurity
    UNION ALL
    SELECT 'row_security_not_forced', name FROM tables WHERE NOT relforcerowsecurity
    UNION ALL
    SELECT 'policy_missing', t.name || suffix.text
    FROM tables AS t
    CROSS JOIN (VALUES ('_clinic_isolation'), ('_clinic_isolation_restrictive')) AS suffix (text)
    WHERE NOT EXISTS (
        SELECT FROM judged_policies AS p
        WHERE p.polrelid = t.oid AND p.isolates AND p.name = t.name || suffix.text)
    UNION ALL
    SELECT 'restriction_partial', p.table_name || ' TO ' || p.roles
    FROM judged_policies AS p
    WHERE p.isolates AND NOT p.polpermissive AND p.roles <> 'PUBLIC'
    UNION ALL
    SELECT
        CASE
            WHEN 'true' IN (p.using_text, p.check_text) THEN 'policy_open'
            WHEN replace(concat(p.using_text, p.check_text),
                '( SELECT current_clinic_id() AS current_clinic_id)', '')
                ~ 'current_setting|current_clinic_id' THEN 'policy_per_row'
            ELSE 'policy_unknown'
        END,
        p.object
    FROM judged_policies AS p
    WHERE NOT p.isolates
    UNION ALL
    SELECT 'event_trigger_missing', 'clinicd_force_row_security'
    WHERE NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'clinicd_force_row_security' AND evtenabled IN ('O', 'A'))

    -- Only what row-level security filters and indexes can serve under it.
    UNION ALL
    SELECT 'view_not_invoker', name
    FROM relations
    WHERE relkind = 'v'
        AND coalesce(reloptions, '{}') && '{security_invoker=true,security_invoker=on}' IS FALSE
    UNION ALL
    SELECT 'relation_kind', name FROM relations WHERE relkind IN ('m', 'f', 'S')
    UNION ALL
    SELECT 'relation_kind', r.name
    FROM relations AS r
    JOIN pg_inherits AS h
        ON h.inhrelid = r.oid
    WHERE r.relkind IN ('r', 'p') AND NOT EXISTS (
        SELECT FROM pg_partitioned_table AS p WHERE p.partrelid = h.inhparent)
    UNION ALL
    SELECT 'not_logged', name FROM tables WHERE relpersistence <> 'p'
    UNION ALL
    SELECT 'index_on_expression', name FROM indexes WHERE 0 = ANY (key_columns)
    UNION ALL
    SELECT DISTINCT 'index_not_leakproof', i.name
    FROM indexes AS i
    CROSS JOIN unnest(i.indclass) AS class (oid)
    JOIN pg_opclass AS o
        ON o.oid = class.oid
    JOIN pg_amop AS s
        ON s.amopfamily = o.opcfamily AND s.amoplefttype = o.opcintype
        AND s.amoppurpose = 's'
        AND (i.amname NOT IN ('btree', 'brin', 'hash') OR s.amoprighttype = o.opcintype)
    JOIN pg_operator AS p
        ON p.oid = s.amopopr
    JOIN pg_proc AS f
        ON f.oid = p.oprcode
    WHERE NOT i.indisexclusion AND NOT f.proleakproof

    -- Constraints.
    UNION ALL
    SELECT 'foreign_key_acts', conname
    FROM constraints
    WHERE contype = 'f' AND (confdeltype NOT IN ('a', 'r') OR confupdtype <> 'a')
    UNION ALL
    SELECT 'deferrable', conname FROM constraints WHERE condeferrable
    UNION ALL
    SELECT 'constraint_not_valid', conname FROM constraints WHERE NOT convalidated
    UNION ALL
    SELECT 'constraint_name', conname
    FROM constraints
    WHERE contype IN ('p', 'f', 'u', 'c', 'x') AND conname <> CASE contype
        WHEN 'p' THEN table_name || '_pk'
        ELSE format('%s_%s_%s', table_name,
            substring(conname FROM format('^%s_([a-z0-9_]+)_[a-z]+$', table_name)),
            CASE contype WHEN 'f' THEN 'fk' WHEN 'u' THEN 'uq' WHEN 'x' THEN 'ex' ELSE 'ck' END)
        END
    UNION ALL
    SELECT 'index_name', i.name
    FROM indexes AS i
    WHERE NOT EXISTS (SELECT FROM constraints AS c WHERE c.conindid = i.indexrelid
            AND c.contype IN ('p', 'u', 'x'))
        AND i.name !~ format('^%s_by_[a-z0-9_]+_ix$', i.table_name)

    -- Columns and comments.
    UNION ALL
    SELECT 'text_unbounded', c.object
    FROM columns AS c
    WHERE c.type = 'text' AND NOT c.type_checked AND NOT EXISTS (
        SELECT FROM constraints AS k
        WHERE k.conrelid = c.table_oid AND k.contype = 'c' AND c.attnum = ANY (k.conkey))
    UNION ALL
    SELECT 'column_type', object
    FROM columns
    WHERE typtype IN ('e', 'c')
        OR (typtype = 'd' AND NOT type_checked)
        OR type IN ('varchar', 'bpchar', 'json', 'money', 'float4', 'float8', 'timetz')
        OR (type = 'timestamp' AND name NOT LIKE 'local\_%')
        OR (name LIKE '%\_at' AND type <> 'timestamptz')
        OR (name LIKE '%\_on' AND type <> 'date')
        OR (name LIKE '%\_id' AND type NOT IN ('uuid', 'text'))
    UNION ALL
    SELECT 'id_made_here', object
    FROM columns
    WHERE default_value ~ 'nextval|uuid|random'
    UNION ALL
    SELECT 'null_unexplained', object
    FROM columns
    WHERE NOT attnotnull AND coalesce(comment, '') = ''
    UNION ALL
    SELECT 'comment_without_phi', name
    FROM tables
    WHERE coalesce(obj_description(oid, 'pg_class'), '') !~ '^.+\. (No PHI|PHI)\.$'

    -- Grants.
    UNION ALL
    SELECT 'grant_to_stranger', object || ' TO ' || grantee
    FROM grants
    WHERE grantee NOT IN ('clinicd_app', 'clinicd_auth', 'clinicd_jobs', 'clinicd_sealer')
        AND table_name <> 'schema_migrations'
    UNION ALL
    SELECT 'grant_option', object || ' TO ' || grantee FROM grants WHERE is_grantable
    UNION ALL
    SELECT 'update_of_table', object || ' TO ' || grantee
    FROM grants
    WHERE privilege = 'UPDATE' AND attnum IS NULL
    UNION ALL
    SELECT 'update_of_key', g.object || ' TO ' || g.grantee
    FROM grants AS g
    JOIN constraints AS c
        ON c.table_name = g.table_name AND c.contype = 'p' AND g.attnum = ANY (c.conkey)
    WHERE g.privilege = 'UPDATE'
    UNION ALL
    SELECT 'update_of_append_only', object || ' TO ' || grantee
    FROM grants
    WHERE privilege = 'UPDATE' AND table_name IN (
        'audit_checkpoints', 'audit_cosignatures', 'audit_epochs', 'audit_events', 'audit_heads',
        'audit_leaves', 'audit_meta_leaves', 'audit_meta_tiles', 'audit_tiles', 'authz_changes',
        'changes')
    UNION ALL
    SELECT 'delete_granted', object || ' TO ' || grantee FROM grants WHERE privilege = 'DELETE'
    UNION ALL
    SELECT 'truncate_granted', object || ' TO ' || grantee
    FROM grants
    WHERE privilege IN ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN')
    UNION ALL
    SELECT 'reader_writes', object || ' TO ' || grantee
    FROM grants
    WHERE privilege <> 'SELECT'
        AND (grantee IN ('clinicd_auth', 'clinicd_jobs') OR table_name = 'schema_migrations')
    UNION ALL
    SELECT 'password_readable', 'memberships.password_ct'
    WHERE has_column_privilege('clinicd_app', 'clinicd.memberships', 'password_ct', 'SELECT')
    UNION ALL
    SELECT 'open_to_public', 'schema ' || n.nspname
    FROM pg_namespace AS n
    WHERE n.nspname IN ('clinicd', 'clinicd_partitions', 'public') AND (
        has_schema_privilege('public', n.oid, 'USAGE')
        OR has_schema_privilege('public', n.oid, 'CREATE'))
    UNION ALL
    -- Partitions are reached through their table, whose policies bind, and in no other way.
    SELECT 'partition_reachable', 'schema TO ' || r.rolname
    FROM server_roles AS r
    WHERE r.rolname <> 'clinicd_migrator' AND has_schema_privilege(r.oid, 'clinicd_partitions', 'USAGE')
    UNION ALL
    SELECT 'partition_reachable', c.relname || ' TO ' || coalesce(g.rolname, 'PUBLIC')
    FROM pg_class AS c
    CROSS JOIN aclexplode(c.relacl) AS a
    LEFT JOIN pg_roles AS g
        ON g.oid = a.grantee
    WHERE c.relnamespace = 'clinicd_partitions'::regnamespace AND a.grantee <> c.relowner
    UNION ALL
    SELECT 'row_security_not_forced', relname
    FROM pg_class
    WHERE relnamespace = 'clinicd_partitions'::regnamespace AND relkind IN ('r', 'p')
        AND NOT (relrowsecurity AND relforcerowsecurity)
    UNION ALL
    -- Each partition refuses to be changed for itself: the trigger of the table does not see it.
    SELECT 'partition_not_append_only', c.relname
    FROM pg_class AS c
    WHERE c.relnamespace = 'clinicd_partitions'::regnamespace AND c.relkind = 'r' AND NOT EXISTS (
        SELECT FROM pg_trigger AS t
        WHERE t.tgrelid = c.oid AND t.tgname = 'audit_events_append_only'
            AND t.tgenabled IN ('O', 'A'))
    UNION ALL
    SELECT 'open_to_public', 'database'
    WHERE has_database_privilege('public', current_database(), 'CONNECT')
        OR has_database_privilege('public', current_database(), 'TEMPORARY')

    -- Code in the database.
    UNION ALL
    SELECT 'function_unknown', object FROM functions
    UNION ALL
    SELECT 'function_of_public', object
    FROM functions
    WHERE has_function_privilege('public', oid, 'EXECUTE')
    UNION ALL
    SELECT 'function_path_open', object
    FROM functions
    WHERE (prosecdef OR prosqlbody IS NULL)
        AND NOT coalesce(proconfig, '{}') && '{"search_path=pg_catalog, pg_temp"}'
    UNION ALL
    -- PostgreSQL's own list is compared with a pristine database by catalog_test.cc.
    SELECT 'function_leakproof', oid::regprocedure::text
    FROM pg_proc
    WHERE proleakproof AND oid >= 16384
    UNION ALL
    SELECT 'trigger_unknown', t.tgname
    FROM pg_trigger AS t
    JOIN relations AS r
        ON r.oid = t.tgrelid
    WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 'trigger_disabled', t.tgname
    FROM pg_trigger AS t
    JOIN relations AS r
        ON r.oid = t.tgrelid
    WHERE t.tgenabled NOT IN ('O', 'A')
    UNION ALL
    SELECT 'extension_unknown', extname FROM pg_extension
    WHERE extname NOT IN ('plpgsql', 'btree_gist')

    -- Roles and owners.
    UNION ALL
    SELECT 'owner', r.name
    FROM relations AS r
    WHERE r.relowner <> 'clinicd_owner'::regrole AND r.name NOT LIKE 'schema\_migrations%'
    UNION ALL
    SELECT 'owner', object FROM functions WHERE proowner <> 'clinicd_owner'::regrole
    UNION ALL
    SELECT 'owner', 'schema clinicd'
    FROM pg_namespace
    WHERE nspname = 'clinicd' AND nspowner <> 'clinicd_owner'::regrole
    UNION ALL
    SELECT 'role_owns', r.rolname
    FROM server_roles AS r
    WHERE EXISTS (
        SELECT FROM pg_shdepend AS d
        WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.oid AND d.deptype = 'o'
            AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND NOT (r.rolname = 'clinicd_migrator'
                AND d.objid = to_regclass('clinicd.schema_migrations')))
    UNION ALL
    SELECT 'role_attribute', rolname
    FROM pg_roles
    WHERE (rolname = 'clinicd_owner' OR rolname IN (SELECT rolname FROM server_roles))
        AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
            OR (rolname = 'clinicd_owner' AND rolcanlogin))
    UNION ALL
    SELECT 'role_member', format('%s IN %s', member.rolname, granted.rolname)
    FROM pg_auth_members AS m
    JOIN pg_roles AS member
        ON member.oid = m.member
    JOIN pg_roles AS granted
        ON granted.oid = m.roleid
    WHERE member.rolname LIKE 'clinicd\_%'
        AND (member.rolname, granted.rolname) <> ('clinicd_migrator', 'clinicd_owner')
    UNION ALL
    SELECT 'role_setting', r.rolname
    FROM server_roles AS r
    WHERE NOT coalesce(r.rolconfig, '{}') @> ARRAY[
        'search_path=clinicd, pg_catalog, pg_temp', 'log_error_verbosity=terse',
        'log_parameter_max_length=0', 'log_parameter_max_length_on_error=0']
)
SELECT f.rule, f.object::text AS object
FROM findings AS f
WHERE NOT EXISTS (
    SELECT FROM accepted AS a WHERE a.rule = f.rule AND a.object = f.object)
UNION ALL
SELECT 'accepted_in_vain', a.rule || ' ' || a.object
FROM accepted AS a
WHERE NOT EXISTS (
    SELECT FROM findings AS f WHERE f.rule = a.rule AND f.object = a.object)
ORDER BY 1, 2;
