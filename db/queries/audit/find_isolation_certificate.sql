-- @returns optional
-- @params id
SELECT
    id,
    probed_on,
    started_at,
    ended_at,
    release,
    node,
    schema_version,
    table_count,
    empty_table_count,
    method_count,
    call_count,
    finding_count,
    array_to_string(findings, E'\n') AS findings,
    catalog_digest,
    digest
FROM clinicd.isolation_certificates
WHERE clinic_id = :clinic_id
    AND id = :id
